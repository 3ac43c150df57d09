import { type Checks, createChecks } from '@reliable-channels/options'

import { WakuOptionsError } from './errors.ts'

/** Checks of what callers hand over; a {@link WakuOptionsError} says what was expected and what came. */
export const check: Checks = createChecks((message) => new WakuOptionsError(message))
