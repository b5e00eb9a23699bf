//! Every route refuses whoever has no business there: strangers, members of another campaign, the wrong role.
//!
//! The routes are taken from the site itself, so that a page added later is asked too. Nothing is let through because
//! nobody thought of it: a route is public only if it stands on the list here.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use rocket::http::Method;
use sundial::web;

use crate::both_databases;
use crate::support::app::{TestApp, Who};
use crate::support::visitor::{Page, Visitor};

/// What anybody may ask, signed in or not.
const PUBLIC: [(Method, &str); 7] = [
    (Method::Get, "/healthz"),
    (Method::Get, "/sign-in"),
    (Method::Post, "/sign-in"),
    (Method::Get, "/static/<path..>"),
    // The one-time link itself is the permission.
    (Method::Get, "/welcome/<token>"),
    (Method::Post, "/welcome/<token>"),
    // A calendar program cannot sign in: its secret link is the permission.
    (Method::Get, "/calendar/<file>"),
];

/// A route of the site with every part of its address that varies filled in.
struct Asked {
    method: Method,
    /// As the site declares it: `/c/<slug>/requests/<id>`.
    declared: String,
    /// `/c/alder/requests/00…0f`, an id that nothing has.
    path: String,
}

impl Asked {
    fn is_public(&self) -> bool {
        PUBLIC
            .iter()
            .any(|(method, declared)| *method == self.method && *declared == self.declared)
    }

    fn in_campaign(&self) -> bool {
        self.declared.starts_with("/c/<")
    }
}

fn all_routes(app: &TestApp) -> Vec<Asked> {
    let site = web::rocket(app.app.clone());
    let mut all: Vec<Asked> = site
        .routes()
        .map(|route| {
            let declared = route.uri.path().to_owned();
            Asked {
                method: route.method,
                path: filled(&declared, &app.campaign.slug),
                declared,
            }
        })
        .collect();
    all.sort_by(|a, b| (&a.declared, a.method.as_str()).cmp(&(&b.declared, b.method.as_str())));
    assert!(all.len() > 10, "the routes were not found");
    all
}

fn filled(declared: &str, slug: &str) -> String {
    let parts: Vec<&str> = declared.split('/').collect();
    parts
        .iter()
        .enumerate()
        .map(|(place, part)| match *part {
            _ if place == 2 && parts[1] == "c" => slug,
            "<code>" => "WA",
            part if part.starts_with('<') => "0123456789abcdef0123456789abcdef",
            part => part,
        })
        .collect::<Vec<_>>()
        .join("/")
}

async fn ask(visitor: &Visitor, route: &Asked, token: &str) -> Page {
    match route.method {
        Method::Post => visitor.send(&route.path, token, &[]).await,
        _ => visitor.get(&route.path).await,
    }
}

/// A token that is right for whoever sees the page at `at`.
async fn token_of(visitor: &Visitor, at: &str) -> String {
    visitor.get(at).await.token()
}

both_databases!(
    /// The list of public routes names only routes that are there, so that it cannot grow stale.
    the_public_list_is_true, |app| {
        let all = all_routes(app);
        for (method, declared) in PUBLIC {
            assert!(
                all.iter().any(|route| route.method == method && route.declared == declared),
                "{method} {declared} is no route"
            );
        }
    }
);

both_databases!(
    /// Who is not signed in is led to the sign-in, or told that there is nothing.
    strangers_are_refused, |app| {
        let stranger = app.as_who(Who::Stranger).await;
        let token = token_of(&stranger, "/sign-in").await;
        for route in all_routes(app) {
            if route.is_public() {
                continue;
            }
            let page = ask(&stranger, &route, &token).await;
            let led_to_sign_in = page.status == 303
                && page.location.as_deref().is_some_and(|to| to.starts_with("/sign-in"));
            assert!(
                led_to_sign_in || matches!(page.status, 401 | 404),
                "{} {} gives a stranger {} ({:?}): {}",
                route.method,
                route.declared,
                page.status,
                page.location,
                page.words()
            );
        }
    }
);

both_databases!(
    /// For a member of another campaign, and for whoever runs the installation, this campaign does not exist.
    another_campaign_does_not_exist, |app| {
        for who in [Who::Elsewhere, Who::Admin] {
            let visitor = app.as_who(who).await;
            let token = token_of(&visitor, "/nowhere").await;
            for route in all_routes(app) {
                if !route.in_campaign() {
                    continue;
                }
                let page = ask(&visitor, &route, &token).await;
                assert_eq!(
                    page.status,
                    404,
                    "{} {} gives {who:?}: {}",
                    route.method,
                    route.declared,
                    page.words()
                );
            }
        }
    }
);

both_databases!(
    /// No route fails for anybody, whatever is missing from what they send; a form without its token does nothing.
    no_route_fails_and_no_form_is_taken_without_its_token, |app| {
        for who in [Who::Researcher, Who::Counsel, Who::Team, Who::Admin] {
            let visitor = app.as_who(who).await;
            for route in all_routes(app) {
                let page = ask(&visitor, &route, "forged").await;
                assert!(page.status < 500, "{} {} fails for {who:?}: {}", route.method, route.declared, page.words());
                if route.method == Method::Post {
                    assert!(
                        matches!(page.status, 403 | 404),
                        "{} {} takes a forged form from {who:?}: {} {:?}",
                        route.method,
                        route.declared,
                        page.status,
                        page.location
                    );
                }
            }
        }
    }
);

/// What somebody reaches by following links from the first page: each address with the page it was found on.
struct Reached {
    pages: BTreeMap<String, String>,
    forms: BTreeSet<String>,
}

/// Follows every link there is, failing on one that leads nowhere.
async fn walk(visitor: &Visitor) -> Reached {
    let mut reached = Reached {
        pages: BTreeMap::new(),
        forms: BTreeSet::new(),
    };
    let mut ahead = VecDeque::from([("/".to_owned(), "the first page".to_owned())]);
    while let Some((address, found_on)) = ahead.pop_front() {
        if reached.pages.contains_key(&address) {
            continue;
        }
        assert!(
            reached.pages.len() < 2_000,
            "the links never end: {address} on {found_on}"
        );
        let page = visitor.get(&address).await;
        assert!(
            matches!(page.status, 200 | 303),
            "{:?} follows {address} on {found_on} and gets {}: {}",
            visitor.who,
            page.status,
            page.words()
        );
        reached.pages.insert(address.clone(), found_on);
        if let Some(on) = &page.location {
            assert!(
                !on.starts_with("/sign-in"),
                "{:?} is signed in, but {address} leads to {on}",
                visitor.who
            );
            ahead.push_back((on.clone(), address.clone()));
        }
        if page.media_type.starts_with("text/html") {
            for (posted, to) in page.addresses() {
                if posted {
                    reached.forms.insert(to);
                } else {
                    ahead.push_back((to, address.clone()));
                }
            }
        }
    }
    reached
}

both_databases!(
    /// Every link on every page leads somewhere for the one who sees it, and nowhere for those outside.
    every_link_leads_somewhere_and_only_for_its_reader, |app| {
        let outside = [app.as_who(Who::Elsewhere).await, app.as_who(Who::Admin).await, app.as_who(Who::Stranger).await];
        for who in [Who::Researcher, Who::Counsel, Who::Team, Who::Elsewhere, Who::Admin] {
            let visitor = app.as_who(who).await;
            let reached = walk(&visitor).await;
            assert!(reached.pages.len() > 3, "{who:?} reaches almost nothing: {:?}", reached.pages.keys());
            let own = format!("/c/{}/", app.campaign.slug);
            for (address, found_on) in reached.pages.iter().filter(|(address, _)| address.starts_with(&own)) {
                for other in &outside {
                    let page = other.get(address).await;
                    let kept_out = match other.who {
                        Who::Stranger => matches!(page.status, 303 | 401 | 404),
                        _ => page.status == 404,
                    };
                    assert!(
                        kept_out,
                        "{address}, which {who:?} finds on {found_on}, gives {:?} {}",
                        other.who,
                        page.status
                    );
                }
            }
        }
    }
);
