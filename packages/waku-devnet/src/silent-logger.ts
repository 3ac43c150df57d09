import type { ComponentLogger, Logger } from '@libp2p/interface'

/** The default one makes a logger for each stream, and says nothing with it unless `DEBUG` is set. */
export function silentLogger(): ComponentLogger {
  const nothing = (): void => {}
  const silent: Logger = Object.assign(nothing, {
    error: nothing,
    trace: nothing,
    enabled: false,
    newScope: () => silent,
  })
  return { forComponent: () => silent }
}
