/** All names of options, of the stage and of a limiter: one that is misspelt would be ignored. */
export const NAMES: readonly string[] = [
  ...['enabled', 'epochMs', 'messagesPerEpoch', 'marginMs', 'quota', 'maxQueued', 'maxQueuedBytes'],
  ...['optionalLifetimeMs', 'restore', 'onCorrupt'],
  ...['scheduler', 'unitOfWork', 'write', 'keyPrefix', 'fields', 'onEvent'],
]
