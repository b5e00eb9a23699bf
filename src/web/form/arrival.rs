//! A form while it arrives: bounded in fields and text, its files streamed to disk. Judges nothing that it says.

use std::collections::BTreeMap;

use rocket::data::{Data, ToByteUnit};
use rocket::form::error::ErrorKind;
use rocket::form::{self, DataField, FromForm, Options, ValueField};
use rocket::http::Status;
use rocket::tokio::io::{AsyncReadExt, AsyncWriteExt};
use tempfile::NamedTempFile;

use crate::actions::App;

/// Fields of text in one form, all together.
const TEXT_LIMIT: usize = 2 * 1024 * 1024;
/// Fields in one form.
const FIELD_LIMIT: usize = 20_000;

/// How a form says that our own disk did not take it.
pub(super) const OUR_DISK: &str = "our disk did not take it";

/// A file of a form, already on disk.
pub struct Upload {
    pub field: String,
    /// As the browser named it: never used as a path.
    pub name: String,
    pub bytes: u64,
    pub file: NamedTempFile,
    /// False where the file was larger than this installation takes: the rest was not read.
    pub complete: bool,
}

/// The fields of a form, as they came.
#[derive(Default)]
pub struct Fields {
    pub(super) values: BTreeMap<String, Vec<String>>,
    pub(super) files: Vec<Upload>,
}

/// What is gathered while a form is read.
pub struct Gathering {
    fields: Fields,
    text_bytes: usize,
    count: usize,
    too_much: bool,
    /// It ended too early, or is not put together as a form is.
    damaged: bool,
    /// Our own disk did not take it.
    broken: bool,
}

#[rocket::async_trait]
impl<'r> FromForm<'r> for Fields {
    type Context = Gathering;

    fn init(_: Options) -> Gathering {
        Gathering {
            fields: Fields {
                values: BTreeMap::new(),
                files: Vec::new(),
            },
            text_bytes: 0,
            count: 0,
            too_much: false,
            damaged: false,
            broken: false,
        }
    }

    fn push_error(gathering: &mut Gathering, error: form::Error<'r>) {
        if error.status() == Status::PayloadTooLarge {
            gathering.too_much = true;
        } else {
            gathering.damaged = true;
        }
    }

    fn push_value(gathering: &mut Gathering, field: ValueField<'r>) {
        gathering.count += 1;
        gathering.text_bytes += field.value.len();
        if gathering.count > FIELD_LIMIT || gathering.text_bytes > TEXT_LIMIT {
            gathering.too_much = true;
            return;
        }
        let name = field.name.source().as_str().to_owned();
        gathering
            .fields
            .values
            .entry(name)
            .or_default()
            .push(field.value.replace("\r\n", "\n"));
    }

    async fn push_data(gathering: &mut Gathering, field: DataField<'r, '_>) {
        gathering.count += 1;
        if gathering.count > FIELD_LIMIT {
            gathering.too_much = true;
            return;
        }
        let name = field.name.source().as_str().to_owned();
        let file_name = field
            .file_name
            .map(|name| name.dangerous_unsafe_unsanitized_raw().as_str().to_owned());
        let Some(app) = field.request.rocket().state::<App>() else {
            gathering.broken = true;
            return;
        };
        match stream_to_disk(app, field.data).await {
            Ok((file, bytes, complete)) => {
                // A file field left empty arrives as a nameless file of no bytes.
                if bytes > 0 || file_name.as_deref().is_some_and(|name| !name.is_empty()) {
                    gathering.fields.files.push(Upload {
                        field: name,
                        name: file_name.unwrap_or_default(),
                        bytes,
                        file,
                        complete,
                    });
                }
            }
            Err(Lost::Arriving) => gathering.damaged = true,
            Err(Lost::Keeping(error)) => {
                tracing::error!(%error, "an upload could not be written to disk");
                gathering.broken = true;
            }
        }
    }

    fn finalize(gathering: Gathering) -> form::Result<'r, Self> {
        if gathering.broken {
            return Err(form::Error::validation(OUR_DISK).into());
        }
        if gathering.too_much {
            let most = TEXT_LIMIT as u64;
            let too_much = ErrorKind::InvalidLength {
                min: None,
                max: Some(most),
            };
            return Err(form::Error::from(too_much).into());
        }
        if gathering.damaged {
            return Err(form::Error::validation("damaged").into());
        }
        Ok(gathering.fields)
    }
}

/// Why a file is not on our disk.
enum Lost {
    /// It stopped coming, or is not put together as a part of a form is.
    Arriving,
    Keeping(std::io::Error),
}

impl From<std::io::Error> for Lost {
    fn from(error: std::io::Error) -> Lost {
        Lost::Keeping(error)
    }
}

/// Writes a file to disk while it arrives: the file, its bytes, and whether all of it fitted. Reading and writing fail
/// apart: the first is the sender's connection, the second our disk.
async fn stream_to_disk(app: &App, data: Data<'_>) -> Result<(NamedTempFile, u64, bool), Lost> {
    let folder = app.config.data_dir.join("incoming");
    rocket::tokio::fs::create_dir_all(&folder).await?;
    let file = NamedTempFile::new_in(&folder)?;
    let mut out = rocket::tokio::fs::File::from_std(file.reopen()?);
    let limit = app.config.limits.upload_bytes;
    let mut stream = data.open(limit.bytes());
    let mut piece = vec![0; 64 * 1024];
    let mut bytes = 0u64;
    loop {
        let read = stream.read(&mut piece).await.map_err(|_| Lost::Arriving)?;
        if read == 0 {
            break;
        }
        out.write_all(&piece[..read]).await?;
        bytes += read as u64;
    }
    out.flush().await?;
    Ok((file, bytes, bytes < limit))
}
