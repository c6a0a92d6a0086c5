//! Runs tough's repository loader over one repository after the other, each given as a line of JSON, and says a line for
//! each. The lines are those of tests/rigs/python-tuf/judge_many.py; the clock is the machine's, which tough always asks.

use std::collections::HashMap;
use std::io::{BufRead, Write};
use std::sync::Arc;
use std::{fs, io, panic};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream;
use serde::{Deserialize, Serialize};
use tough::{
    Bytes, RepositoryLoader, TargetName, Transport, TransportError, TransportErrorKind, TransportStream, async_trait,
};
use url::Url;

#[derive(Deserialize)]
struct Case {
    anchor: String,
    files: HashMap<String, String>,
    cached: HashMap<String, String>,
    lookups: Vec<String>,
}

#[derive(Serialize)]
struct Verdict {
    accepted: bool,
    lookups: Vec<String>,
    refusal: Option<String>,
}

/// Serves the files of one case.
#[derive(Clone, Debug)]
struct Memory(Arc<HashMap<String, Vec<u8>>>);

const BASE: &str = "memory:///";

#[async_trait]
impl Transport for Memory {
    async fn fetch(&self, url: Url) -> Result<TransportStream, TransportError> {
        let name = url.as_str().strip_prefix(BASE).unwrap_or_default();
        match self.0.get(name) {
            Some(file) => Ok(Box::pin(stream::iter([Ok(Bytes::from(file.clone()))]))),
            None => Err(TransportError::new(TransportErrorKind::FileNotFound, url)),
        }
    }
}

fn main() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    // A panic of the judge is its refusal, and need not be told in full.
    panic::set_hook(Box::new(|_| ()));
    for line in io::stdin().lock().lines() {
        let case: Case = serde_json::from_str(&line?)?;
        let verdict = runtime.block_on(async { tokio::spawn(judge(case)).await });
        let verdict = verdict.unwrap_or_else(|panic| refused(panic));
        let mut out = io::stdout().lock();
        writeln!(out, "{}", serde_json::to_string(&verdict)?)?;
        out.flush()?;
    }
    Ok(())
}

async fn judge(case: Case) -> Verdict {
    let bytes = |text: &String| STANDARD.decode(text).expect("base64");
    let anchor = bytes(&case.anchor);
    let files = case.files.iter().map(|(name, text)| (name.clone(), bytes(text)));
    let memory = Memory(Arc::new(files.collect()));
    let store = tempfile::tempdir().expect("a temporary folder can be made");
    for (name, text) in &case.cached {
        fs::write(store.path().join(name), bytes(text)).expect("a temporary file can be written");
    }
    let base = Url::parse(BASE).expect("an address");
    let loader = RepositoryLoader::new(&anchor, base.clone(), base)
        .transport(memory)
        .datastore(store.path());
    match loader.load().await {
        Err(error) => refused(error),
        Ok(repository) => Verdict {
            accepted: true,
            lookups: case.lookups.iter().map(|path| look_up(&repository, path)).collect(),
            refusal: None,
        },
    }
}

fn look_up(repository: &tough::Repository, path: &str) -> String {
    let Ok(name) = TargetName::new(path) else {
        return "refused".to_owned();
    };
    match repository.targets().signed.find_target(&name, false) {
        Ok(target) => {
            let digest: String = target.hashes.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("found {} {digest}", target.length)
        }
        Err(_) => "nowhere".to_owned(),
    }
}

fn refused(why: impl ToString) -> Verdict {
    Verdict {
        accepted: false,
        lookups: Vec::new(),
        refusal: Some(why.to_string()),
    }
}
