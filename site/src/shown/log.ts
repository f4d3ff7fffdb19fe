/**
 * What reads sections and their actas out of the log, fetched with the first of them. It names the session so that
 * what both need stays in the page's first script: else each such module would be a script, and a request, of its own.
 */

import './session.svelte';

export { readOutside, readSeccion, readVersions } from '../tree/seccion';
