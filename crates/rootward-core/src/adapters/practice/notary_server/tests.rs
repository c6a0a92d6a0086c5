//! What the table of both servers in the integration tests cannot ask: time that goes by, the changefeed, other names.

use super::*;
use crate::adapters::{FixedClock, ForgettingDisk, Notary};
use crate::ports::{LimitsView, NotaryServer as _};

fn servers(disk: &Arc<ForgettingDisk>, at: &str) -> PracticeServers {
    let clock = Arc::new(FixedClock(Instant::parse(at).unwrap()));
    PracticeServers::new(disk.clone(), clock, "/data/practice/servers".into())
}

async fn status(servers: &PracticeServers, wish: Wish<'_>, url: &str) -> Result<u16, String> {
    let url = Url::parse(url).unwrap();
    let ask = Ask {
        wish,
        url: &url,
        authorization: None,
        limit: 1 << 20,
    };
    let answer = servers.carry(&ask).await;
    answer
        .map(|answer| answer.status)
        .map_err(|unanswered| unanswered.failure.code)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_is_answered_and_changes_nothing() {
    let disk = Arc::new(ForgettingDisk::new());
    let servers = servers(&disk, "2026-11-22T10:00:00Z");
    let upload = [("root".to_owned(), b"{".to_vec())];
    for (wish, url, expected) in [
        (Wish::Read, "practice://drill/v2/", Ok(200)),
        (Wish::Read, "practice://drill/", Ok(404)),
        (Wish::Read, "practice://drill/v2/reg/app/_trust/tuf/root.json", Ok(404)),
        (Wish::Read, "practice://drill/v2/reg/app/_trust/tuf/root.key", Ok(400)),
        (Wish::Do, "practice://drill/v2/reg/app/_trust/tuf/root.json", Ok(404)),
        (Wish::Take(&upload), "practice://drill/v2/reg/app/_trust/tuf/", Ok(400)),
        (Wish::Read, "practice://drill/v2/_trust/changefeed", Ok(400)),
        (Wish::Read, "practice://dr%2fill/v2/", Err("bad-source".to_owned())),
        (Wish::Read, "practice://.hidden/v2/", Err("bad-source".to_owned())),
    ] {
        assert_eq!(status(&servers, wish, url).await, expected, "{url}");
    }
    let notary = Notary::in_process(Arc::new(servers), "practice://drill", &LimitsView::default()).unwrap();
    assert_eq!(notary.guns().await.unwrap(), Vec::<String>::new());
}
