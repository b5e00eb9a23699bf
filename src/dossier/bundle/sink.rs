//! Sink: objects of the new file, written as they come; the cross-reference table last.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use lopdf::{Dictionary, Object, ObjectId, StringFormat, Writer};
use sha2::Digest;

use super::BundleError;
use crate::domain::document::Sha256;

/// Counts and hashes what passes through.
struct Counted {
    out: BufWriter<File>,
    written: u64,
    hash: sha2::Sha256,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.written += count as u64;
        self.hash.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

/// A PDF in the making.
pub(super) struct Sink {
    file: Counted,
    /// Where object `n + 1` begins; 0 while it is only reserved.
    offsets: Vec<u64>,
}

impl Sink {
    pub(super) fn create(path: &Path) -> Result<Sink, BundleError> {
        let mut file = Counted {
            out: BufWriter::with_capacity(1 << 16, File::create(path)?),
            written: 0,
            hash: sha2::Sha256::new(),
        };
        // The second line tells transfer programs that the file is binary.
        file.write_all(b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")?;
        Ok(Sink {
            file,
            offsets: Vec::new(),
        })
    }

    /// A number for an object that is written later.
    pub(super) fn reserve(&mut self) -> ObjectId {
        self.offsets.push(0);
        (self.offsets.len() as u32, 0)
    }

    /// Writes the object under a reserved number.
    pub(super) fn put(&mut self, id: ObjectId, object: &Object) -> Result<(), BundleError> {
        let slot = (id.0 as usize)
            .checked_sub(1)
            .and_then(|at| self.offsets.get_mut(at))
            .ok_or_else(|| BundleError::Write(format!("object {} was never reserved", id.0)))?;
        *slot = self.file.written;
        writeln!(self.file, "{} 0 obj", id.0)?;
        Writer::write_object(&mut self.file, object)
            .map_err(|error| BundleError::Write(error.to_string()))?;
        self.file.write_all(b"\nendobj\n")?;
        Ok(())
    }

    /// Writes an object under a new number.
    pub(super) fn add(&mut self, object: &Object) -> Result<ObjectId, BundleError> {
        let id = self.reserve();
        self.put(id, object)?;
        Ok(id)
    }

    /// Writes the table and the trailer. Gives the file's length and hash.
    pub(super) fn finish(
        mut self,
        catalog: ObjectId,
        info: ObjectId,
    ) -> Result<(u64, Sha256), BundleError> {
        for at in 0..self.offsets.len() {
            if self.offsets[at] == 0 {
                self.put((at as u32 + 1, 0), &Object::Null)?;
            }
        }
        // The same content gives the same identifier.
        let mut half = [0u8; 16];
        half.copy_from_slice(&self.file.hash.clone().finalize().as_slice()[..16]);
        let start = self.file.written;
        let count = self.offsets.len() + 1;
        write!(self.file, "xref\n0 {count}\n0000000000 65535 f \n")?;
        for offset in &self.offsets {
            writeln!(self.file, "{offset:010} 00000 n ")?;
        }
        let mut trailer = Dictionary::new();
        trailer.set("Size", count as i64);
        trailer.set("Root", catalog);
        trailer.set("Info", info);
        let id = || Object::String(half.to_vec(), StringFormat::Hexadecimal);
        trailer.set("ID", Object::Array(vec![id(), id()]));
        self.file.write_all(b"trailer\n")?;
        Writer::write_object(&mut self.file, &Object::Dictionary(trailer))
            .map_err(|error| BundleError::Write(error.to_string()))?;
        write!(self.file, "\nstartxref\n{start}\n%%EOF\n")?;
        self.file.flush()?;
        self.file.out.get_ref().sync_all()?;
        let mut hash = [0u8; 32];
        hash.copy_from_slice(self.file.hash.finalize().as_slice());
        Ok((self.file.written, Sha256::from_bytes(hash)))
    }
}
