/** What walks down the results, fetched with the first of them; the session is named as in `log.ts`. */

import './session.svelte';

export { childAt, walk } from '../address/walk';
