// Bundle of the director's desk at /m/{id}/desk.

import '../styles/tokens.css';
import { mount } from 'svelte';
import Desk from '../routes/Desk.svelte';
import { desk } from '../words/bundles';
import { open } from './open';

mount(Desk, await open(desk));
