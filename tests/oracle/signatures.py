"""Verifies the signed mail that the tests left with another implementation of DKIM (dkimpy), and that a change of what is
signed is noticed.

    signatures.py FOLDER
"""

import base64
import pathlib
import sys

import dkim

folder = pathlib.Path(sys.argv[1])
mails = sorted(folder.glob("*.eml"))
if len(mails) < 13:
    sys.exit(f"{folder} has {len(mails)} signed mails; the tests of the signatures leave more")
for mail in mails:
    raw = mail.read_bytes()
    public = mail.with_suffix(".der").read_bytes()
    # A record holds an RSA key as openssl writes it, and the 32 bytes alone of an Ed25519 key (RFC 8463).
    kind, key = ("rsa", public) if b"a=rsa-sha256" in raw else ("ed25519", public[-32:])
    record = b"v=DKIM1; k=%s; p=%s" % (kind.encode(), base64.b64encode(key))

    def holds(message):
        return dkim.verify(message, dnsfunc=lambda name, timeout=5: record)

    assert holds(raw), mail.name
    assert not holds(raw.replace(b"Subject: ", b"Subject: x", 1)), mail.name
    assert not holds(raw.replace(b"\r\n\r\n", b"\r\n\r\nx", 1)), mail.name
print(f"{len(mails)} signed mails verified by dkimpy")
