import { maxPayloadBytes } from '@reliable-channels/segmentation/core'

/** Of the name of a file, and of what says where it begins. */
const HEAD_BYTES = 4_096

/** Largest file that one message carries, bytes: 256 segments of 100 KiB. @limit A larger one is refused before it is read. */
export const MAX_FILE_BYTES: number = maxPayloadBytes() - HEAD_BYTES
