// Who acts where nobody logs in: a name that the person gives, so that orders which need two people can be tried.

import { signal } from '@preact/signals';

/** Empty: the demo's operator. */
export const actor = signal('');
