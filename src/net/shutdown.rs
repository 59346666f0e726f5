//! The word that the server is to stop, said once and heard by all.

use tokio::sync::watch;

/// Says stop. Dropping it says stop, too.
#[derive(Debug)]
pub struct Stop(watch::Sender<bool>);

/// Hears it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Shutdown(watch::Receiver<bool>);

impl Shutdown {
    /// A pair of the one who says and the one who hears.
    pub fn channel() -> (Stop, Self) {
        let (sender, receiver) = watch::channel(false);
        (Stop(sender), Self(receiver))
    }

    /// Returns when the server is to stop, at once if that was said before.
    pub async fn requested(&self) {
        let mut receiver = self.0.clone();
        // An error means that the `Stop` is gone, which says the same.
        let _ = receiver.wait_for(|stopped| *stopped).await;
    }
}

impl Stop {
    /// Asks everything to stop.
    pub fn now(&self) {
        self.0.send_replace(true);
    }
}
