// Bundle of the room: the hall screen at /venue and the technician's page at /venue/tech.

import '../styles/tokens.css';
import { mount } from 'svelte';
import Technician from '../routes/Technician.svelte';
import Venue from '../routes/Venue.svelte';
import { room } from '../words/bundles';
import { open } from './open';

const technician = /^\/venue\/tech\/?$/.test(location.pathname);
mount(technician ? Technician : Venue, await open(room));
