//! One request at a time per site, and a pause between two: a school's planning site is often one small machine.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use url::Origin;

use crate::fetch::{FetchError, FetchRequest, FetchResponse, Fetcher};

/// When a site was last done with a request of ours; locked while one is under way.
type Turn = Arc<tokio::sync::Mutex<Option<Instant>>>;

/// A fetcher that takes turns.
pub(super) struct Paced {
    fetcher: Arc<Fetcher>,
    pause: Duration,
    turns: Mutex<HashMap<Origin, Turn>>,
}

impl Paced {
    pub(super) fn new(fetcher: Arc<Fetcher>, pause: Duration) -> Paced {
        Paced { fetcher, pause, turns: Mutex::default() }
    }

    /// Waits for the turn at the address's origin, and for the pause after the last one; then sends.
    pub(super) async fn send(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        let turn = self.turn_at(request.url.origin());
        let mut last = turn.lock().await;
        if let Some(last) = *last {
            tokio::time::sleep_until(last + self.pause).await;
        }
        let answer = self.fetcher.send(request).await;
        *last = Some(Instant::now());
        answer
    }

    fn turn_at(&self, origin: Origin) -> Turn {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.entry(origin).or_default().clone()
    }
}
