//! The sockets: connections come, are limited and timed, and go when the server stops.

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::FromRef;
use axum::http::{HeaderValue, header};
use axum::middleware::{self, Next};
use axum::routing::{delete, get, post};
use axum::{extract::Request, response::Response};
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use service::port::hop::Fact;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::task::JoinSet;

use crate::clock::stopped;
use crate::context::{HandlerContext, Reach};
use crate::hub::Hubs;
use crate::meter::Metered;
use crate::network::Proxies;
use crate::pace::Pace;
use crate::peer::{self, Peer, Seats};
use crate::shape::HEADER_BYTES_MAX;
use crate::strangers::Strangers;
use crate::{Config, commands, media, office, origin, pages, reading, shape, socket};

/// A connection that has not sent its headers whole by then is closed.
const HEADERS_WITHIN: Duration = Duration::from_secs(5);
/// TCP connections at one time, where the system gives as many.
pub const CONNECTIONS_MAX: usize = 10_000;
/// Time for connections to end when the server stops.
const STOP_WITHIN: Duration = Duration::from_secs(3);
/// Pause after the system gave no connection, as when it has no file handles left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How often those who left are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(10);

/// Serves until `stop` is done, then lets connections end for a short time. The listener may be bound to any address.
///
/// # Errors
/// None at present: a connection that cannot be accepted is logged, and the server goes on.
pub async fn serve(listener: TcpListener, config: Config, stop: impl Future<Output = ()>) -> io::Result<()> {
    let (stopping, stop_seen) = watch::channel(false);
    let reach = Reach { origins: config.origins.clone().into() };
    let mut entrance = Entrance::new(&config);
    let (context, events) = HandlerContext::new(config, stop_seen.clone());
    let context = Arc::new(context);
    tokio::spawn(hear(Arc::clone(&context), events));
    tokio::spawn(forget(Arc::clone(&context)));
    let app = TowerToHyperService::new(router(Arc::clone(&context), reach));
    let mut connections = JoinSet::new();
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, from)) => {
                let entered = tokio::select! {
                    () = &mut stop => break,
                    entered = entrance.let_in(stream, from.ip()) => entered,
                };
                connections.spawn(connection(entered, app.clone(), stop_seen.clone()));
            }
            Err(error) => {
                if let Some(unsaid) = entrance.pace.due(context.clock.mono()) {
                    tracing::warn!(%error, unsaid, "no connection was accepted");
                }
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop((listener, context));
    stopping.send_replace(true);
    // Every task holds what all share, and that holds the last receiver: when none is left, all have ended.
    drop((app, stop_seen));
    let ended = async {
        while connections.join_next().await.is_some() {}
        stopping.closed().await;
    };
    // What does not end in time is cut off when `connections` is dropped.
    let _ = tokio::time::timeout(STOP_WITHIN, ended).await;
    Ok(())
}

/// Where connections come in.
struct Entrance {
    places: Arc<Semaphore>,
    proxies: Proxies,
    /// Those who have shown no link yet.
    strangers: Strangers,
    /// Those who have.
    seats: Seats,
    pace: Pace,
}

/// A connection that was let in.
struct Entered {
    stream: TcpStream,
    peer: Arc<Peer>,
    place: OwnedSemaphorePermit,
}

impl Entrance {
    fn new(config: &Config) -> Self {
        let max = config.connections_max.clamp(1, CONNECTIONS_MAX);
        Self {
            places: Arc::new(Semaphore::new(max)),
            proxies: Proxies::new(&config.proxies),
            strangers: Strangers::new(max),
            seats: Seats::new(max),
            pace: Pace::default(),
        }
    }

    /// Gives a connection its place. If all are taken, a stranger goes for it; where there is none, it waits, and those behind it in the system's
    /// queue: then desks have all that others leave.
    async fn let_in(&self, stream: TcpStream, from: IpAddr) -> Entered {
        // Small frames must not wait for each other. A peer that is gone already shows itself at the first read.
        let _ = stream.set_nodelay(true);
        let place = match Arc::clone(&self.places).try_acquire_owned() {
            Ok(place) => place,
            Err(_) => {
                self.strangers.make_room();
                let free = Arc::clone(&self.places).acquire_owned().await;
                free.expect("nobody closes this semaphore")
            }
        };
        // A proxy speaks for many.
        let network = (!self.proxies.trusts(from)).then(|| from.into());
        let peer = Peer::new(from, self.strangers.take(network), self.seats.clone());
        Entered { stream, peer: Arc::new(peer), place }
    }
}

type App = TowerToHyperService<Router>;

async fn connection(entered: Entered, app: App, mut stop: watch::Receiver<bool>) {
    let Entered { stream, peer, place } = entered;
    let stream = Metered::new(stream, place, Arc::clone(&peer.meter));
    let here = Arc::clone(&peer);
    let app = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(Arc::clone(&peer));
        app.call(request)
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .max_buf_size(HEADER_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), app)
        .with_upgrades();
    tokio::pin!(serving);
    let ended = tokio::select! {
        ended = &mut serving => ended,
        () = here.lost() => {
            tracing::debug!("a stranger's connection goes for another's");
            Ok(())
        }
        () = stopped(&mut stop) => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}

async fn hear(context: Arc<HandlerContext>, mut events: mpsc::UnboundedReceiver<Fact>) {
    let mut stop = context.stop.clone();
    loop {
        tokio::select! {
            () = stopped(&mut stop) => return,
            event = events.recv() => match event {
                Some(fact) => context.on_fact(&fact),
                None => return,
            },
        }
    }
}

async fn forget(context: Arc<HandlerContext>) {
    let mut stop = context.stop.clone();
    let mut every = tokio::time::interval(FORGET_EVERY);
    loop {
        tokio::select! {
            () = stopped(&mut stop) => return,
            _ = every.tick() => context.forget(),
        }
    }
}

/// What handlers may ask for.
#[derive(Clone)]
struct Served {
    context: Arc<HandlerContext>,
    hubs: Hubs,
}

impl FromRef<Served> for Arc<HandlerContext> {
    fn from_ref(served: &Served) -> Self {
        Self::clone(&served.context)
    }
}

impl FromRef<Served> for Hubs {
    fn from_ref(served: &Served) -> Self {
        served.hubs.clone()
    }
}

fn router(context: Arc<HandlerContext>, reach: Reach) -> Router {
    Router::new()
        .route("/", get(pages::home))
        .route("/venue", get(pages::room))
        .route("/venue/", get(pages::room))
        .route("/venue/tech", get(pages::room))
        .route("/venue/tech/", get(pages::room))
        .route("/m/{id}/desk", get(pages::desk))
        .route("/m/{id}/desk/", get(pages::desk))
        .route("/m/{id}/watch", get(pages::watch))
        .route("/m/{id}/watch/", get(pages::watch))
        .route("/assets/{*path}", get(pages::asset))
        .route("/api/v1/health", get(reading::health))
        .route("/api/v1/apply", post(office::apply))
        .route("/api/v1/links", post(office::links))
        .route("/api/v1/meetings/{id}/ws", get(socket::upgrade))
        .route("/api/v1/meetings/{id}/commands", post(commands::post))
        .route("/api/v1/meetings/{id}/state", get(reading::state))
        .route("/api/v1/meetings/{id}/venues/{venue}/people", get(reading::people))
        .route("/api/v1/meetings/{id}/log", get(reading::log))
        .route("/whip/{meeting}/{source}", post(media::publish))
        .route("/whip/{meeting}/{source}/", post(media::publish))
        .route("/whip/{meeting}/{source}/{session}", delete(media::close).patch(media::patch))
        .route("/whip/{meeting}/{source}/{session}/", delete(media::close).patch(media::patch))
        .route("/whep/{meeting}", post(media::watch))
        .route("/whep/{meeting}/", post(media::watch))
        .route("/whep/{meeting}/{session}", delete(media::close).patch(media::patch))
        .route("/whep/{meeting}/{session}/", delete(media::close).patch(media::patch))
        .fallback(pages::unknown)
        .method_not_allowed_fallback(pages::bad_method)
        .layer(middleware::from_fn_with_state(reach, origin::check))
        .layer(middleware::from_fn(shape::check))
        .layer(middleware::from_fn_with_state(Arc::clone(&context), peer::note))
        .layer(middleware::from_fn(plain_headers))
        .with_state(Served { hubs: context.hubs(), context })
}

/// What every answer says.
async fn plain_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
