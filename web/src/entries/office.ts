// Bundle of the office surfaces: the watcher page at /m/{id}/watch.

import '../styles/tokens.css';
import { mount } from 'svelte';
import Watch from '../routes/Watch.svelte';
import { office } from '../words/bundles';
import { open } from './open';

mount(Watch, await open(office));
