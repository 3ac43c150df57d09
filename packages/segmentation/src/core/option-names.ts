/** Where the state of a driver is kept, and its time. */
const DRIVER = ['scheduler', 'unitOfWork', 'write', 'onWriteError', 'keyPrefix', 'persistent', 'restore']

/** Options of whatever cuts payloads: one that is misspelt would be ignored. */
export const SEGMENTER_NAMES: readonly string[] = [
  ...['dialect', 'segmentSizeBytes', 'parityRate', 'hasher'],
  ...['onReject', 'maxWaiting', 'maxWaitingBytes', 'scheduler', 'signal'],
]

/** Options of whatever puts them together. */
export const REASSEMBLER_NAMES: readonly string[] = [
  ...['dialect', 'maxSegmentBytes', 'timeoutMs', 'maxSets', 'maxBufferedBytes', 'maxSetsPerSender'],
  ...[
    'maxBufferedBytesPerSender',
    'maxCompleted',
    'causalHistoryLength',
    'maxShelvedSegments',
    'maxRecalledBytes',
  ],
  ...['isAwaited', 'hasher', 'restoredAt', 'onCorrupt', 'writer', 'onEvent'],
  ...DRIVER,
]
