import { isTight } from '../settings.ts'
import type { SdsState } from '../state.ts'

/** So many acknowledgements are worth a message of their own, for without them as many messages may come again. */
const WORTH_A_MESSAGE = 16

/** Whether own content that leaves acknowledges well enough, by its filter: under a tight quota, if few messages wait for it. */
export const filterSuffices = (state: SdsState): boolean =>
  isTight(state.settings) && state.owed.size < WORTH_A_MESSAGE
