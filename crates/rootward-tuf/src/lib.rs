//! The rules of TUF 1.0 and of Docker Notary: documents, verification, drafts.
//!
//! Takes bytes, keys and a given `now`; returns values. Does no I/O, reads no clock, knows no threads.
#![forbid(unsafe_code)]
