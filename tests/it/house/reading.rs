//! Source as the house test sees it: the paths that a file names and the words that are forbidden in some places.
//!
//! Knows Rust's tokens and nothing of the house's rules.

use proc_macro2::{Delimiter, LexError, TokenStream, TokenTree};

/// A path that the code names, resolved to its root.
pub struct Named {
    pub line: usize,
    /// `["crate", "store", "requests"]`, `["rocket", "get"]`, `["std", "fs"]`.
    pub parts: Vec<String>,
    /// In a module named `tests`, or in a file under `tests/`.
    pub in_tests: bool,
    /// Followed by `!`.
    pub is_macro: bool,
}

impl Named {
    pub fn starts_with(&self, words: &[&str]) -> bool {
        self.parts.len() >= words.len()
            && self.parts.iter().zip(words).all(|(own, word)| own == word)
    }
}

/// A word in the code that is forbidden in some places.
pub struct Mark {
    pub line: usize,
    pub what: &'static str,
    pub in_tests: bool,
}

/// What one file names, in the order of its tokens.
pub struct Reading {
    pub paths: Vec<Named>,
    pub marks: Vec<Mark>,
}

impl Reading {
    /// Reads a file's text; `module` is its module path from the crate, without `crate`.
    pub fn of(text: &str, module: &[String], in_tests: bool) -> Result<Reading, LexError> {
        let mut reading = Reading {
            paths: Vec::new(),
            marks: Vec::new(),
        };
        reading.read(text.parse()?, module, in_tests);
        Ok(reading)
    }

    /// Reads the tokens of one scope; `module` is the module that the scope is in.
    fn read(&mut self, tokens: TokenStream, module: &[String], in_tests: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => {
                    if group.delimiter() == Delimiter::Bracket
                        && at > 0
                        && is_punct(tokens.get(at - 1), '#')
                        && starts_with_ident(group.stream(), "ignore")
                    {
                        self.mark(group.span_open().start().line, "#[ignore]", in_tests);
                    }
                    self.read(group.stream(), module, in_tests);
                    at += 1;
                }
                TokenTree::Ident(ident) => {
                    let line = ident.span().start().line;
                    let word = ident.to_string();
                    let after_path = at >= 2
                        && is_punct(tokens.get(at - 1), ':')
                        && is_punct(tokens.get(at - 2), ':')
                        && at >= 3
                        && matches!(tokens.get(at - 3), Some(TokenTree::Ident(_)));
                    let after_dot = at >= 1 && is_punct(tokens.get(at - 1), '.');
                    match word.as_str() {
                        "use" if !is_punct(tokens.get(at + 1), '<') => {
                            let end = (at + 1..tokens.len())
                                .find(|place| is_punct(tokens.get(*place), ';'))
                                .unwrap_or(tokens.len());
                            self.import(&tokens[at + 1..end], &[], module, in_tests);
                            at = end + 1;
                            continue;
                        }
                        "extern" if is_ident(tokens.get(at + 1), "crate") => {
                            if let Some(TokenTree::Ident(name)) = tokens.get(at + 2) {
                                self.name(line, vec![name.to_string()], module, in_tests, false);
                            }
                            at += 3;
                            continue;
                        }
                        "mod" => {
                            if let (Some(TokenTree::Ident(name)), Some(TokenTree::Group(body))) =
                                (tokens.get(at + 1), tokens.get(at + 2))
                            {
                                let mut inner = module.to_vec();
                                inner.push(name.to_string());
                                self.read(body.stream(), &inner, in_tests || name == "tests");
                                at += 3;
                                continue;
                            }
                        }
                        word if is_punct(tokens.get(at + 1), '!') => {
                            if let Some(what) = unfinished(word) {
                                self.mark(line, what, in_tests);
                            }
                        }
                        "async" => self.mark(line, "async", in_tests),
                        "sleep" | "sleep_until" if matches!(tokens.get(at + 1), Some(TokenTree::Group(g)) if g.delimiter() == Delimiter::Parenthesis) =>
                        {
                            self.mark(line, "sleep", in_tests);
                        }
                        _ => {}
                    }
                    let mut parts = vec![word];
                    let mut end = at + 1;
                    while is_punct(tokens.get(end), ':') && is_punct(tokens.get(end + 1), ':') {
                        let Some(TokenTree::Ident(next)) = tokens.get(end + 2) else {
                            break;
                        };
                        if is_call_of_sleep(next.to_string().as_str(), tokens.get(end + 3)) {
                            self.mark(line, "sleep", in_tests);
                        }
                        parts.push(next.to_string());
                        end += 3;
                    }
                    if parts.len() > 1 && !after_path && !after_dot {
                        let is_macro = is_punct(tokens.get(end), '!');
                        self.name(line, parts, module, in_tests, is_macro);
                    }
                    at = end;
                }
                _ => at += 1,
            }
        }
    }

    /// Takes a use-tree apart: `crate::{a, b::{c, d as e}}` names `crate::a`, `crate::b::c` and `crate::b::d`.
    fn import(
        &mut self,
        tokens: &[TokenTree],
        before: &[String],
        module: &[String],
        in_tests: bool,
    ) {
        for branch in tokens.split(|token| is_punct(Some(token), ',')) {
            let mut parts = before.to_vec();
            let mut line = 0;
            let mut opened = false;
            for token in branch {
                match token {
                    TokenTree::Ident(ident) if ident == "as" => break,
                    TokenTree::Ident(ident) => {
                        line = ident.span().start().line;
                        parts.push(ident.to_string());
                    }
                    TokenTree::Group(group) => {
                        let inside: Vec<TokenTree> = group.stream().into_iter().collect();
                        self.import(&inside, &parts, module, in_tests);
                        opened = true;
                    }
                    TokenTree::Punct(_) | TokenTree::Literal(_) => {}
                }
            }
            if !opened && line > 0 {
                self.name(line, parts, module, in_tests, false);
            }
        }
    }

    /// Notes a path; `self` and `super` are resolved against the module that names it.
    fn name(
        &mut self,
        line: usize,
        parts: Vec<String>,
        module: &[String],
        in_tests: bool,
        is_macro: bool,
    ) {
        if is_macro && let Some(what) = parts.last().and_then(|last| unfinished(last)) {
            self.mark(line, what, in_tests);
        }
        let mut here = module.to_vec();
        let mut relative = false;
        let mut rest = parts.as_slice();
        while let Some(first) = rest.first() {
            match first.as_str() {
                "self" => relative = true,
                "super" => {
                    relative = true;
                    here.pop();
                }
                _ => break,
            }
            rest = &rest[1..];
        }
        let parts = if relative {
            let mut whole = vec!["crate".to_owned()];
            whole.extend(here);
            whole.extend(rest.iter().cloned());
            whole
        } else {
            parts
        };
        self.paths.push(Named {
            line,
            parts,
            in_tests,
            is_macro,
        });
    }

    fn mark(&mut self, line: usize, what: &'static str, in_tests: bool) {
        self.marks.push(Mark {
            line,
            what,
            in_tests,
        });
    }
}

fn is_call_of_sleep(word: &str, next: Option<&TokenTree>) -> bool {
    matches!(word, "sleep" | "sleep_until" | "sleep_ms")
        && matches!(next, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis)
}

fn is_punct(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}

fn is_ident(token: Option<&TokenTree>, wanted: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if ident == wanted)
}

fn starts_with_ident(tokens: TokenStream, wanted: &str) -> bool {
    is_ident(tokens.into_iter().next().as_ref(), wanted)
}

/// How a macro that stands for code not yet written is called in a breach.
fn unfinished(macro_name: &str) -> Option<&'static str> {
    match macro_name {
        "todo" => Some("todo!"),
        "unimplemented" => Some("unimplemented!"),
        _ => None,
    }
}
