//! A YubiKey in software: the PIV and management applets behind a vpcd reader.
