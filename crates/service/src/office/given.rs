//! The links that were given out: listed, ended, renewed.

use base::{MeetingId, TokenId, VenueId};
use directory::policy::Role;

use super::OfficeError;
use super::apply::Office;
use super::links::Link;
use crate::port::directories::DirectoriesError;
use crate::port::tokens::TokenRow;

impl Office {
    /// The links of a meeting by role, venue and id, those that ended too. None of them is told: what lets one in is shown once.
    ///
    /// # Errors
    /// [`OfficeError::Bad`]: there is no such meeting.
    pub async fn given(&self, meeting: &MeetingId) -> Result<Vec<TokenRow>, OfficeError> {
        self.plan_of(meeting).await?;
        Ok(self.issuer.tokens.tokens(meeting).await?)
    }

    /// Ends a link: whoever came with it is let go. One that ended before stays as it is.
    ///
    /// # Errors
    /// [`OfficeError::Bad`]: there is no such link.
    pub async fn revoke(&self, id: &TokenId) -> Result<TokenRow, OfficeError> {
        let row = self.row(id).await?;
        self.end(&row).await?;
        self.row(id).await
    }

    /// Ends a link and makes another for the same role or venue, which is told this once.
    ///
    /// # Errors
    /// [`OfficeError::Bad`]: there is no such link, it was revoked, or its venue is none of the meeting any more.
    pub async fn renew(&self, id: &TokenId) -> Result<(TokenRow, Link), OfficeError> {
        let _turn = self.turn.lock().await;
        let old = self.row(id).await?;
        let venues = self.plan_of(&old.meeting).await?;
        if let Some(venue) = old.venue.as_ref().filter(|venue| !venues.contains(venue)) {
            return Err(OfficeError::Bad(format!("{venue} is no venue of meeting {} any more", old.meeting)));
        }
        if old.revoked.is_some() {
            let why = "was revoked; links that are good are printed by meeting apply";
            return Err(OfficeError::Bad(format!("the link {id} {why}")));
        }
        let (row, links) = self.issuer.again(&old).await?;
        self.end(&old).await?;
        let link = links.link(row.role, row.venue.as_ref());
        Ok((row, link))
    }

    /// Ends the links of venues that are none of the meeting any more.
    pub(super) async fn end_those_who_left(&self, meeting: &MeetingId) -> Result<(), OfficeError> {
        let venues = self.plan_of(meeting).await?;
        for row in self.issuer.tokens.tokens(meeting).await? {
            let stays = row.venue.as_ref().is_none_or(|venue| venues.contains(venue));
            if row.role == Role::Venue && !stays && row.revoked.is_none() {
                self.end(&row).await?;
            }
        }
        Ok(())
    }

    async fn end(&self, row: &TokenRow) -> Result<(), OfficeError> {
        self.issuer.tokens.revoke_token(row.id.clone(), self.issuer.clock.wall()).await?;
        if let Some(loaded) = &self.loaded {
            loaded.revoked(&row.id);
        }
        Ok(())
    }

    async fn row(&self, id: &TokenId) -> Result<TokenRow, OfficeError> {
        let row = self.issuer.tokens.token(id).await?;
        row.ok_or_else(|| OfficeError::Bad(format!("there is no link {id}")))
    }

    async fn plan_of(&self, meeting: &MeetingId) -> Result<Vec<VenueId>, OfficeError> {
        match self.directories.load(meeting).await {
            Ok((_, plan)) => Ok(plan.venues),
            Err(cause @ DirectoriesError::NoMeeting(_)) => Err(OfficeError::Bad(cause.to_string())),
            Err(cause @ (DirectoriesError::InUse { .. } | DirectoriesError::Store(_))) => {
                Err(OfficeError::Links(Box::new(cause)))
            }
        }
    }
}
