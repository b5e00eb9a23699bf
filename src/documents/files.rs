//! Files by their SHA-256: the same content is kept once, and nothing is ever changed in place.
//!
//! Here: putting bytes in, bounded, while hashing them; getting them out as a stream or as a file for the worker.
//! What a file is called and who may see it belongs to `store`. Object storage through the `object_store` crate: a
//! local folder by default.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload, WriteMultipart};
use sha2::Digest;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

use super::media::{self, MediaType};
use crate::domain::document::Sha256;

/// A file that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub sha256: Sha256,
    pub bytes: u64,
    /// Told by the content.
    pub media: MediaType,
}

/// Why a file could not be kept or found. Each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    #[error(
        "This file is larger than {} MB, the most that is taken at once. Split it, or ask the administrator to raise the limit.",
        limit / 1_000_000
    )]
    TooLarge { limit: u64 },
    /// The sender stopped in the middle; nothing was kept.
    #[error("The file did not arrive whole. Nothing was kept of it; send it again.")]
    Interrupted(#[source] std::io::Error),
    #[error(
        "A file that should be here is missing from the file store. Tell the administrator: {0}"
    )]
    Missing(Sha256),
    #[error(
        "The file store could not be used. Nothing was lost; try again, and tell the administrator if it stays so."
    )]
    Store(#[from] object_store::Error),
    #[error(
        "The file store's folder could not be used. Nothing was lost; try again, and tell the administrator if it stays so."
    )]
    Disk(#[source] std::io::Error),
}

/// The store. Cheap to clone.
#[derive(Clone)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
    /// The folder of a local store, for handing files over without copying.
    root: Option<PathBuf>,
    /// Where files grow until they are whole; beside the store, so that moving does not copy.
    incoming: PathBuf,
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Files")
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}

impl Files {
    /// A store in a folder, made if it is not there.
    ///
    /// # Errors
    /// When the folder cannot be made or used.
    pub fn in_folder(folder: &Path) -> Result<Files, FilesError> {
        let blobs = folder.join("blobs");
        let incoming = folder.join("incoming");
        std::fs::create_dir_all(&blobs).map_err(FilesError::Disk)?;
        std::fs::create_dir_all(&incoming).map_err(FilesError::Disk)?;
        let root = blobs.canonicalize().map_err(FilesError::Disk)?;
        let store = LocalFileSystem::new_with_prefix(&root)?.with_fsync(true);
        Ok(Files {
            store: Arc::new(store),
            root: Some(root),
            incoming,
        })
    }

    /// Any other object store; `incoming` is a local folder in which files grow until they are whole.
    pub fn in_store(store: Arc<dyn ObjectStore>, incoming: PathBuf) -> Files {
        Files {
            store,
            root: None,
            incoming,
        }
    }

    /// Keeps what `from` gives, up to `limit` bytes, without holding it in memory.
    ///
    /// # Errors
    /// Too large, interrupted, or the store cannot be used; nothing is kept then.
    pub async fn put_stream(
        &self,
        mut from: impl AsyncRead + Unpin,
        limit: u64,
    ) -> Result<Stored, FilesError> {
        let growing = tempfile::NamedTempFile::new_in(&self.incoming).map_err(FilesError::Disk)?;
        let mut file = tokio::fs::File::from_std(growing.reopen().map_err(FilesError::Disk)?);
        let mut hash = sha2::Sha256::new();
        let mut bytes = 0u64;
        let mut head = Vec::new();
        let mut buffer = vec![0u8; 64 << 10];
        loop {
            let read = from
                .read(&mut buffer)
                .await
                .map_err(FilesError::Interrupted)?;
            if read == 0 {
                break;
            }
            let piece = &buffer[..read];
            bytes += read as u64;
            if bytes > limit {
                return Err(FilesError::TooLarge { limit });
            }
            hash.update(piece);
            if head.len() < media::LOOKED_AT {
                let room = media::LOOKED_AT - head.len();
                head.extend_from_slice(&piece[..read.min(room)]);
            }
            file.write_all(piece).await.map_err(FilesError::Disk)?;
        }
        file.flush().await.map_err(FilesError::Disk)?;
        let sha256 = Sha256::from_bytes(hash.finalize().into());
        let tail_length = bytes.min(media::LOOKED_AT as u64);
        file.seek(std::io::SeekFrom::Start(bytes - tail_length))
            .await
            .map_err(FilesError::Disk)?;
        let mut tail = Vec::new();
        file.read_to_end(&mut tail)
            .await
            .map_err(FilesError::Disk)?;
        let stored = Stored {
            media: media::sniff_ends(&head, &tail),
            sha256,
            bytes,
        };
        if self.exists(&stored.sha256).await? {
            return Ok(stored);
        }
        match &self.root {
            Some(root) => {
                file.sync_all().await.map_err(FilesError::Disk)?;
                let place = root.join(place_of(&stored.sha256).as_ref());
                if let Some(parent) = place.parent() {
                    tokio::fs::create_dir_all(parent)
                        .await
                        .map_err(FilesError::Disk)?;
                }
                // Moved in one step, so that a file under its hash is always whole.
                growing
                    .persist(&place)
                    .map_err(|error| FilesError::Disk(error.error))?;
            }
            None => {
                file.seek(std::io::SeekFrom::Start(0))
                    .await
                    .map_err(FilesError::Disk)?;
                let upload = self.store.put_multipart(&place_of(&stored.sha256)).await?;
                let mut upload = WriteMultipart::new(upload);
                loop {
                    let read = file.read(&mut buffer).await.map_err(FilesError::Disk)?;
                    if read == 0 {
                        break;
                    }
                    upload.wait_for_capacity(4).await?;
                    upload.write(&buffer[..read]);
                }
                upload.finish().await?;
            }
        }
        Ok(stored)
    }

    /// Keeps bytes that are in memory already.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub async fn put_bytes(&self, bytes: impl Into<Bytes>) -> Result<Stored, FilesError> {
        let bytes = bytes.into();
        let stored = Stored {
            sha256: Sha256::of(&bytes),
            bytes: bytes.len() as u64,
            media: media::sniff(&bytes),
        };
        if !self.exists(&stored.sha256).await? {
            self.store
                .put(&place_of(&stored.sha256), PutPayload::from_bytes(bytes))
                .await?;
        }
        Ok(stored)
    }

    /// Whether this content is kept.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub async fn exists(&self, sha256: &Sha256) -> Result<bool, FilesError> {
        match self.store.head(&place_of(sha256)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The content as a stream, and its length in bytes.
    ///
    /// # Errors
    /// [`FilesError::Missing`] where it is not kept.
    pub async fn open(
        &self,
        sha256: &Sha256,
    ) -> Result<(u64, BoxStream<'static, object_store::Result<Bytes>>), FilesError> {
        let got = self
            .store
            .get(&place_of(sha256))
            .await
            .map_err(|error| missing(sha256, error))?;
        Ok((got.meta.size, got.into_stream()))
    }

    /// The whole content in memory, if it is not longer than `limit` bytes.
    ///
    /// # Errors
    /// Missing, or too large.
    pub async fn read(&self, sha256: &Sha256, limit: u64) -> Result<Bytes, FilesError> {
        let got = self
            .store
            .get(&place_of(sha256))
            .await
            .map_err(|error| missing(sha256, error))?;
        if got.meta.size > limit {
            return Err(FilesError::TooLarge { limit });
        }
        Ok(got.bytes().await?)
    }

    /// What was made from a kept file before, such as the picture of a page, under a short name of ours. None where it
    /// must be made anew: everything derived may be thrown away at any time.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub async fn find_derived(
        &self,
        sha256: &Sha256,
        name: &str,
    ) -> Result<Option<Bytes>, FilesError> {
        match self.store.get(&derived_place(sha256, name)).await {
            Ok(got) => Ok(Some(got.bytes().await?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps what was made from a kept file.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub async fn put_derived(
        &self,
        sha256: &Sha256,
        name: &str,
        bytes: Bytes,
    ) -> Result<(), FilesError> {
        self.store
            .put(&derived_place(sha256, name), PutPayload::from_bytes(bytes))
            .await?;
        Ok(())
    }

    /// A path at which the worker can open the content: the store's own file where it is a local folder, else a copy
    /// made in the folder `into`.
    ///
    /// # Errors
    /// Missing, or the copy cannot be written.
    pub async fn path_or_copy(&self, sha256: &Sha256, into: &Path) -> Result<PathBuf, FilesError> {
        let place = place_of(sha256);
        if let Some(root) = &self.root {
            let path = root.join(place.as_ref());
            return match tokio::fs::try_exists(&path).await {
                Ok(true) => Ok(path),
                Ok(false) => Err(FilesError::Missing(*sha256)),
                Err(error) => Err(FilesError::Disk(error)),
            };
        }
        let (_, mut stream) = self.open(sha256).await?;
        let path = into.join(sha256.to_string());
        let mut file = tokio::fs::File::create(&path)
            .await
            .map_err(FilesError::Disk)?;
        while let Some(piece) = stream.next().await {
            file.write_all(&piece?).await.map_err(FilesError::Disk)?;
        }
        file.flush().await.map_err(FilesError::Disk)?;
        Ok(path)
    }
}

fn missing(sha256: &Sha256, error: object_store::Error) -> FilesError {
    match error {
        object_store::Error::NotFound { .. } => FilesError::Missing(*sha256),
        other => other.into(),
    }
}

/// `ab/cd/<sha256>`: folders of a size that people and backups can handle.
fn place_of(sha256: &Sha256) -> object_store::path::Path {
    let digits = sha256.to_string();
    object_store::path::Path::from(format!("{}/{}/{digits}", &digits[..2], &digits[2..4]))
}

/// Apart from the files themselves, so that backups may leave it out.
fn derived_place(sha256: &Sha256, name: &str) -> object_store::path::Path {
    let digits = sha256.to_string();
    object_store::path::Path::from(format!("derived/{}/{digits}/{name}", &digits[..2]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored_files(folder: &Path) -> usize {
        fn count(folder: &Path) -> usize {
            std::fs::read_dir(folder)
                .expect("a folder")
                .map(|entry| entry.expect("an entry").path())
                .map(|path| if path.is_dir() { count(&path) } else { 1 })
                .sum()
        }
        count(folder)
    }

    #[tokio::test]
    async fn the_same_content_is_kept_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = Files::in_folder(folder.path()).expect("a store");
        let one = files
            .put_stream(&b"%PDF-1.4 hello"[..], 1_000)
            .await
            .expect("kept");
        let two = files.put_bytes(&b"%PDF-1.4 hello"[..]).await.expect("kept");
        assert_eq!(one, two);
        assert_eq!(one.bytes, 14);
        assert_eq!(one.media, MediaType::Pdf);
        assert_eq!(stored_files(folder.path()), 1);
        assert!(files.exists(&one.sha256).await.expect("an answer"));
        let path = files
            .path_or_copy(&one.sha256, folder.path())
            .await
            .expect("a path");
        assert_eq!(std::fs::read(path).expect("readable"), b"%PDF-1.4 hello");
        assert_eq!(
            files.read(&one.sha256, 100).await.expect("read"),
            &b"%PDF-1.4 hello"[..]
        );
    }

    #[tokio::test]
    async fn too_much_leaves_nothing_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = Files::in_folder(folder.path()).expect("a store");
        let error = files.put_stream(&[7u8; 2_000][..], 1_999).await;
        assert!(matches!(error, Err(FilesError::TooLarge { limit: 1_999 })));
        assert_eq!(stored_files(folder.path()), 0);
    }

    #[tokio::test]
    async fn what_is_not_there_is_missing() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = Files::in_folder(folder.path()).expect("a store");
        let nothing = Sha256::of(b"never put in");
        assert!(!files.exists(&nothing).await.expect("an answer"));
        assert!(matches!(
            files.path_or_copy(&nothing, folder.path()).await,
            Err(FilesError::Missing(_))
        ));
        assert!(matches!(
            files.open(&nothing).await.map(|_| ()),
            Err(FilesError::Missing(_))
        ));
    }

    #[tokio::test]
    async fn what_was_derived_is_found_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = Files::in_folder(folder.path()).expect("a store");
        let kept = files.put_bytes(&b"%PDF-1.4"[..]).await.expect("kept");
        let none = files.find_derived(&kept.sha256, "page-1-100.png").await;
        assert_eq!(none.expect("an answer"), None);
        files
            .put_derived(
                &kept.sha256,
                "page-1-100.png",
                Bytes::from_static(b"picture"),
            )
            .await
            .expect("kept");
        let found = files.find_derived(&kept.sha256, "page-1-100.png").await;
        assert_eq!(
            found.expect("an answer"),
            Some(Bytes::from_static(b"picture"))
        );
    }

    #[tokio::test]
    async fn another_store_works_alike() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Arc::new(object_store::memory::InMemory::new());
        let files = Files::in_store(store, folder.path().to_owned());
        let big = vec![42u8; 300_000];
        let kept = files.put_stream(&big[..], 1 << 20).await.expect("kept");
        let copy = folder.path().join("copies");
        std::fs::create_dir(&copy).expect("a folder");
        let path = files
            .path_or_copy(&kept.sha256, &copy)
            .await
            .expect("a copy");
        assert_eq!(std::fs::read(path).expect("readable"), big);
    }
}
