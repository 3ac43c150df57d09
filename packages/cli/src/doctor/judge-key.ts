import type { Diagnosis } from './diagnosis.ts'
import type { Heard } from './heard-frames.ts'

/** Whether the key is that of the others. */
export function judgeKey({ read, plain, sealed }: Heard, keyId: string | undefined): Diagnosis {
  const closed = [...sealed.values()].reduce((sum, count) => sum + count, 0)
  const check = 'key'
  if (read + closed === 0) {
    return {
      check,
      verdict: 'unknown',
      message: 'nobody was heard on the channel, so that nothing tells whether it is right',
    }
  }
  const ids = [...sealed.keys()].join(', ')
  if (keyId === undefined) return judgeNoKey(read, closed, ids)
  if (read - plain === 0 && closed === 0) {
    return {
      check,
      verdict: 'failed',
      message: `all ${count(plain)} of the others are in plaintext, and yours would be sealed with ${keyId}`,
      hint: 'Leave out --key and --passphrase, or have the others use the same.',
    }
  }
  if (read - plain === 0) {
    return {
      check,
      verdict: 'failed',
      message: `yours, ${keyId}, opens none of ${count(closed)}, which are sealed with ${ids}`,
      hint: sealed.has(keyId)
        ? 'The key is right, and the channel or topic is another: compare --topic with the others.'
        : 'Compare the words or the key with the others; a passphrase makes another key for each channel.',
    }
  }
  if (closed + plain > 0) {
    return {
      check,
      verdict: 'warning',
      message: `yours, ${keyId}, opens ${read - plain} of ${count(read + closed)}`,
      hint: 'Some members have another key, or none.',
    }
  }
  return { check, verdict: 'ok', message: `${keyId} opens all ${count(read)} that were heard` }
}

function judgeNoKey(read: number, closed: number, ids: string): Diagnosis {
  const check = 'key'
  if (closed === 0) {
    return {
      check,
      verdict: 'ok',
      message: `none is needed: all ${count(read)} that were heard are in plaintext`,
    }
  }
  const which = read === 0 ? `all ${count(closed)}` : `${closed} of ${count(read + closed)}`
  return {
    check,
    verdict: read === 0 ? 'failed' : 'warning',
    message: `${which} are sealed (${ids}), and you gave none`,
    hint: 'Add --key or --passphrase.',
  }
}

const count = (messages: number): string => `${messages} ${messages === 1 ? 'message' : 'messages'}`
