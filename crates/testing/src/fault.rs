//! What goes wrong, and how.

use base::random::Random;
use base::{ClientId, MicrophoneReport, Mono};
use service::control::Inbox;
use service::facts::PageReport;
use service::mailbox::Mail;

use crate::due::Due;
use crate::fake_hop::FakeHop;
use crate::oracle::Broken;
use crate::organisation::{VENUES, venue_index};
use crate::weather::{Fault, S};
use crate::world::World;

impl World {
    /// Lets something go wrong.
    pub(crate) fn fault(&mut self, fault: Fault) -> Result<(), Broken> {
        if self.healed {
            return Ok(());
        }
        self.trace.line(self.now, || format!("fault: {fault:?}"));
        match fault {
            Fault::RoomLost(length) => self.lose_room(length),
            Fault::Stall(length) => self.stall(length),
            Fault::Crash(length) => self.crash(length),
            Fault::Depose(length) => return self.depose(length),
            Fault::WallJump(ms) => {
                self.counts.note("jumps of the machine's clock");
                self.wall_error += ms;
            }
            Fault::Plan => return self.change_plan(),
            Fault::Page => return self.page(),
            Fault::Wall => return self.wall_page(),
            Fault::Shut(length) => {
                self.counts.note("logs that could not be written for a while");
                self.shut_until = self.shut_until.max(self.now + length);
            }
            Fault::Hang(length) => {
                self.counts.note("disks that did not answer for a while");
                self.hangs_until = self.hangs_until.max(self.now + length);
            }
        }
        Ok(())
    }

    /// A room that has the floor, as a rule.
    fn lose_room(&mut self, length: u64) {
        self.counts.note("rooms lost");
        let floor = self.oracle.replica().floor();
        let holder = if floor.is_empty() || self.random.chance(300) {
            None
        } else {
            venue_index(&self.random.pick(floor).venue)
        };
        let venue = holder.unwrap_or_else(|| self.random.index(VENUES));
        for source in [2 * venue, 2 * venue + 1] {
            if self.names.has_source(source) {
                self.at(0, Due::Room { source, up: false });
                self.at(length, Due::Room { source, up: true });
            }
        }
    }

    fn stall(&mut self, length: u64) {
        if let Some(server) = self.primary.as_mut().filter(|server| !server.stalled) {
            server.stalled = true;
            let number = server.number;
            self.counts.note("servers that did nothing for a while");
            self.at(length, Due::Resume(number));
        }
    }

    /// The process dies, with all meetings in it, and comes back after that long.
    pub(crate) fn crash(&mut self, length: u64) {
        self.died = Some(length);
        self.counts.note("processes that died");
        self.process += 1;
        self.process_began = self.now;
        self.hop = FakeHop::new(self.names.clone(), Random::new(self.random.bits()));
        self.wall_lines = None;
        (self.primary, self.deposed) = (None, None);
        self.inbox = Mail::default();
        self.at(length, Due::Restart(self.process));
    }

    /// The process is back; rooms connect again, some of them late.
    pub(crate) fn restart(&mut self) -> Result<(), Broken> {
        if self.now < self.shut_until.max(self.hangs_until) {
            // A server does not start on a disk that takes nothing.
            self.at(S / 2, Due::Restart(self.process));
            return Ok(());
        }
        self.forget_hop();
        self.rooms_come(if self.healed { S / 2 } else { 3 * S });
        self.open_run()
    }

    fn forget_hop(&mut self) {
        self.oracle.told_gates = 0;
        self.oracle.lost_at = [Some(self.now); VENUES];
        self.live_sources = 0;
    }

    /// Another writer opens the run; the hop, which lives on, tells it all.
    fn depose(&mut self, length: u64) -> Result<(), Broken> {
        let writable = self.now >= self.shut_until.max(self.hangs_until);
        if self.primary.as_ref().is_none_or(|server| server.stalled) || self.deposed.is_some() || !writable {
            return Ok(());
        }
        self.counts.note("servers deposed");
        // What the hop tells the new server of sources outside the plan is lost on it.
        self.told_all = false;
        self.deposed = self.primary.take();
        self.forget_hop();
        self.open_run()?;
        self.hop.report_all(Mono(self.now - self.process_began));
        self.at(length, Due::Gone);
        Ok(())
    }

    fn change_plan(&mut self) -> Result<(), Broken> {
        self.counts.note("changes of the plan");
        self.form = self.random.index(self.names.forms.len());
        if self.primary.is_none() {
            return Ok(());
        }
        let form = &self.names.forms[self.form];
        self.server_gets(Inbox::Directory(form.directory.clone(), form.plan.clone()))
    }

    fn page(&mut self) -> Result<(), Broken> {
        self.counts.note("reports of pages");
        let venue = self.random.pick(&self.names.venues).clone();
        if self.random.chance(250) {
            return self.server_gets(Inbox::ReportGone(venue));
        }
        let report = PageReport {
            level: Some(-30),
            microphone: Some(*self.random.pick(&[MicrophoneReport::Open, MicrophoneReport::Closed])),
            hidden: Some(self.random.chance(200)),
            ..PageReport::default()
        };
        self.server_gets(Inbox::Report(venue, report))
    }

    fn wall_page(&mut self) -> Result<(), Broken> {
        self.counts.note("walls that asked for sources");
        let client = ClientId::new("wall").map_err(|error| error.to_string())?;
        let lines = (0..self.random.index(4)).map(|_| Some(self.random.pick(&self.names.sources).clone()));
        let lines: Vec<_> = lines.collect();
        self.wall_lines = Some(lines.clone()).filter(|lines| !lines.is_empty());
        // Past the server, in order: it is in no target and in no log.
        self.hop.views(client, lines);
        self.server_gets(Inbox::Clients(7))
    }
}
