//! Options of the commands that the demo brings.

use std::net::SocketAddr;
use std::path::PathBuf;

use base::Codec;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

/// Options of `onehall demo`.
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// Branch venues besides the main venue and the guest's.
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u16).range(1..=900))]
    pub venues: u16,
    /// No synthetic venues: people and scripts bring their own. There is no picture then, and the meeting begins as with --slate.
    #[arg(long)]
    pub no_bots: bool,
    /// Begin on the slate, with nothing in preview and no item. Without it the demo puts its main venue on air by itself, once.
    #[arg(long)]
    pub slate: bool,
    /// Where to listen for HTTP; the media port has the same number.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8440")]
    pub address: SocketAddr,
    /// Data folder that is kept; without it the demo begins afresh each time.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Video codec of the meeting.
    #[arg(long, default_value_t = Codec::Vp8, value_parser = codec())]
    pub codec: Codec,
    /// Print one line of JSON on standard output when ready.
    #[arg(long)]
    pub json: bool,
}

fn codec() -> impl TypedValueParser<Value = Codec> {
    PossibleValuesParser::new(Codec::ALL.map(Codec::name)).try_map(|name| name.parse::<Codec>())
}

/// Options of `onehall bots`.
#[derive(Debug, Clone, Args)]
pub struct BotsArgs {
    /// File with the ready line of the server.
    #[arg(long, value_name = "FILE")]
    pub ready: PathBuf,
    /// Seed of what the bots do now and then.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Video codec of the meeting.
    #[arg(long, default_value_t = Codec::Vp8, value_parser = codec())]
    pub codec: Codec,
    /// End when standard input is closed.
    #[arg(long)]
    pub with_parent: bool,
}

/// Options of `onehall bench`.
#[derive(Debug, Clone, Args)]
pub struct BenchArgs {
    /// Numbers of watchers, each measured with a server of its own.
    #[arg(long, value_delimiter = ',', default_value = "25,100,200")]
    pub watchers: Vec<usize>,
    /// Seconds over which CPU and packets are counted.
    #[arg(long, default_value_t = 10)]
    pub seconds: u64,
    /// Windows for each number of watchers, of the server and of the floor by turns.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=50))]
    pub windows: u8,
    /// Instead: floods by the weakest links, one after another within so many seconds, and what desk, venues and sound feel of them. Fails where a
    /// desk or venue is refused, one acknowledgement of a hundred takes over 300 ms, or a listener is without sound for over 100 ms.
    #[arg(long, value_name = "SECONDS")]
    pub floods: Option<u64>,
    /// Be the attacker of that flood, until standard input ends.
    #[arg(long, hide = true, requires = "ready")]
    pub flood: Option<String>,
    /// With --floods: file with the ready line of a server that runs already, instead of one of its own; no sound is measured then.
    #[arg(long, value_name = "FILE")]
    pub ready: Option<PathBuf>,
}
