// Bundle of the director's desk at /m/{id}/desk.

import '../styles/tokens.css';
import { mount } from 'svelte';
import Desk from '../routes/Desk.svelte';
import { catalogues } from '../words/desk';
import { open } from './open';

mount(Desk, open(catalogues));
