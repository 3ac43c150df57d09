/** How `rc` ends, for scripts; `rc --help` and the README list them. */
export const EXIT = {
  ok: 0,
  /** Something went wrong that is none of the below, or `inspect` and `doctor` found something wrong. */
  failed: 1,
  /** The command line makes no sense. */
  usage: 2,
  /** No service node could be reached, or the network does not do what is needed. */
  network: 3,
  /** Nobody acknowledged the message, or nothing came, in time. */
  undelivered: 4,
  /** Messages come, and the key opens none of them. */
  key: 5,
  /** The store under `--data` cannot be used. */
  data: 6,
  /** Ctrl-C. */
  interrupted: 130,
  /** SIGTERM. */
  terminated: 143,
} as const
