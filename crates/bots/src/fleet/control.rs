//! The control connection over a WebSocket: reconnects for ever, with pauses drawn by seed.

use std::sync::Arc;
use std::time::Duration;

use base::Mono;
use base::random::Random;
use futures_util::{SinkExt, StreamExt};
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use wire::ServerFrame;

use super::{Clock, Orders, Sight};
use crate::control::{Control, ControlEvent};

/// The first pause after a connection is lost, at most; it doubles with every second failure, since a server is soon back.
const PAUSE_MS_FIRST: u64 = 400;
/// The longest pause.
const PAUSE_MS_MAX: u64 = 7_000;
/// A server that takes longer to answer a connection is not there.
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// Reports and whims are looked at this often.
const LOOK: Duration = Duration::from_millis(500);
/// Bytes of one message: a snapshot of the largest meeting fits.
const MESSAGE_BYTES_MAX: usize = 8 * 1024 * 1024;

type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

/// Keeps a bot connected, for ever.
pub(crate) async fn run(
    address: String,
    mut control: Control,
    clock: Clock,
    mut rng: Random,
    orders: watch::Sender<Orders>,
    sight: Arc<Sight>,
) {
    let mut failures = 0;
    loop {
        let config = WebSocketConfig::default()
            .max_message_size(Some(MESSAGE_BYTES_MAX))
            .max_frame_size(Some(MESSAGE_BYTES_MAX));
        let connect = tokio_tungstenite::connect_async_with_config(&address, Some(config), true);
        match tokio::time::timeout(CONNECT_MAX, connect).await {
            Ok(Ok((socket, _))) => {
                control.connected(clock.now());
                let welcomed = converse(socket, &mut control, clock, &orders, &sight).await;
                sight.online(false);
                failures = if welcomed { 0 } else { failures + 1 };
            }
            Ok(Err(error)) => {
                tracing::debug!(%error, "a bot cannot reach the server");
                failures += 1;
            }
            Err(_) => failures += 1,
        }
        tokio::time::sleep(pause(failures, &mut rng)).await;
    }
}

/// How long to wait before the next try: drawn, so that a crowd does not come back in one instant.
fn pause(failures: u32, rng: &mut Random) -> Duration {
    let high = (PAUSE_MS_FIRST << (failures / 2).min(5)).min(PAUSE_MS_MAX);
    Duration::from_millis(rng.between(high / 4, high))
}

/// One connection, to its end. Says whether the server welcomed the bot.
async fn converse(
    mut socket: Socket,
    control: &mut Control,
    clock: Clock,
    orders: &watch::Sender<Orders>,
    sight: &Sight,
) -> bool {
    let mut welcomed = false;
    let mut look = tokio::time::interval(LOOK);
    loop {
        while let Some(frame) = control.next_frame() {
            let Ok(text) = serde_json::to_string(&frame) else { return welcomed };
            if socket.feed(Message::text(text)).await.is_err() {
                return welcomed;
            }
        }
        if socket.flush().await.is_err() {
            return welcomed;
        }
        while let Some(event) = control.next_event() {
            welcomed |= obey(event, orders, sight);
        }
        tokio::select! {
            message = socket.next() => match message {
                Some(Ok(Message::Text(text))) => read(control, clock.now(), &text),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return welcomed,
                // Levels are for screens; pings are answered below us.
                Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
            },
            _ = look.tick() => {
                control.tick(clock.now());
                if control.dead(clock.now()) {
                    return welcomed;
                }
            }
        }
    }
}

fn read(control: &mut Control, now: Mono, text: &str) {
    match serde_json::from_str::<ServerFrame>(text) {
        Ok(frame) => control.frame(now, frame),
        Err(error) => tracing::warn!(%error, "a bot cannot read a frame of the server"),
    }
}

/// Hands an event on to the media side. Says whether it was a welcome.
fn obey(event: ControlEvent, orders: &watch::Sender<Orders>, sight: &Sight) -> bool {
    match event {
        ControlEvent::Welcome { client, boot, codec } => {
            sight.online(true);
            sight.client(&client);
            orders.send_modify(|o| {
                o.open = Some((boot, codec));
                o.client = Some(client.as_str().to_owned());
            });
            true
        }
        ControlEvent::Gate(open) => {
            sight.gate(open);
            orders.send_modify(|o| o.gate = open);
            false
        }
        ControlEvent::Replaced(source) => {
            tracing::info!(%source, "another page publishes this source; its bot stays away until it has left");
            orders.send_modify(|o| {
                o.replaced.insert(source);
            });
            false
        }
        ControlEvent::Free(source) => {
            tracing::info!(%source, "the page that took this source has left; its bot comes back");
            orders.send_modify(|o| _ = o.replaced.remove(&source));
            false
        }
        ControlEvent::Rejected(code) => {
            tracing::warn!(%code, "the server turned a bot away");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end_at_seven_seconds() {
        let mut rng = Random::new(3);
        for failures in 0..40 {
            for _ in 0..100 {
                let pause = pause(failures, &mut rng).as_millis();
                assert!((100..=7_000).contains(&pause), "{failures}: {pause}");
            }
        }
        assert!(pause(0, &mut rng).as_millis() <= 400);
    }
}
