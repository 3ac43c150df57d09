import { type Checks, createChecks } from '@reliable-channels/options'

import { WakuOptionsError } from './errors.ts'

/** What callers hand over is what it should be, or a {@link WakuOptionsError} says why not. */
export const check: Checks = createChecks((message) => new WakuOptionsError(message))
