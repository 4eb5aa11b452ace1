// Bundle of the watcher's page, at /m/{id}/watch.

import '../styles/tokens.css';
import { mount } from 'svelte';
import Watch from '../routes/Watch.svelte';
import { watch } from '../words/bundles';
import { open } from './open';

mount(Watch, await open(watch));
