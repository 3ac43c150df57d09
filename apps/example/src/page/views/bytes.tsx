import type { ReactNode } from 'react'
import type { Entry } from '../model/entry.ts'
import type { Layers } from '../world/inspect.ts'
import { sizeText } from './bubble.tsx'

/** The longest part of a layer that is shown, bytes. */
const SHOWN_BYTES = 96

interface Layer {
  readonly name: string
  readonly bytes: Uint8Array
  readonly fields: readonly (readonly [name: string, value: string])[]
}

/** The first frame of a message, layer by layer. */
export function Bytes({ entry }: { readonly entry: Entry }): ReactNode {
  const layers = entry.frames.find((frame) => frame.layers !== undefined)?.layers
  if (layers === undefined) return <p className="hint">The bytes of this message are no longer kept here.</p>
  return (
    <>
      <h3>Bytes at each stage</h3>
      {layersOf(layers).map(({ name, bytes, fields }) => (
        <details key={name}>
          <summary>
            {name} <small>{sizeText(bytes.length)}</small>
          </summary>
          <dl className="fields">
            {fields.map(([field, value], i) => (
              <div key={i}>
                <dt>{field}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
          <pre tabIndex={0} aria-label={`First bytes, ${name}`}>
            {hexLines(bytes)}
          </pre>
        </details>
      ))}
    </>
  )
}

function layersOf({ sealed, plain, sds, segment }: Layers): readonly Layer[] {
  const list: Layer[] = []
  if (segment !== undefined) {
    const { content, hash, index, dataCount, parityCount, isParity, lengthBytes } = segment
    list.push({ name: 'Payload in this segment', bytes: content, fields: [] })
    list.push({
      name: 'Segment',
      bytes: sds.content!,
      fields: [
        ['hash of the payload', hex(hash.subarray(0, 16))],
        ['length of the payload', String(lengthBytes ?? 'not said')],
        ['place', `${isParity ? 'spare ' : ''}${index + 1} of ${dataCount} and ${parityCount} spare`],
      ],
    })
  }
  list.push({
    name: 'SDS message',
    bytes: plain,
    fields: [
      ['sender', sds.senderId],
      ['message id', sds.messageId],
      ['channel', sds.channelId],
      ['Lamport timestamp', String(sds.lamport ?? 'none')],
      [
        'comes after',
        sds.causalHistory.map(({ messageId }) => messageId.slice(0, 12)).join(', ') || 'nothing',
      ],
      ['bloom filter', sds.bloomFilter === undefined ? 'none' : sizeText(sds.bloomFilter.length)],
      [
        'asks for repair of',
        sds.repairRequest.map(({ messageId }) => messageId.slice(0, 12)).join(', ') || 'nothing',
      ],
    ],
  })
  list.push({
    name: 'Sealed, as the network sees it',
    bytes: sealed,
    fields: [['cipher', 'XChaCha20-Poly1305: header, nonce, ciphertext, tag']],
  })
  return list
}

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ')

function hexLines(bytes: Uint8Array): string {
  const lines: string[] = []
  const end = Math.min(bytes.length, SHOWN_BYTES)
  for (let at = 0; at < end; at += 12) {
    const part = bytes.subarray(at, Math.min(at + 12, end))
    const text = Array.from(part, (byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : '.')).join(
      '',
    )
    lines.push(`${at.toString(16).padStart(4, '0')}  ${hex(part).padEnd(35)}  ${text}`)
  }
  if (bytes.length > end) lines.push(`… and ${bytes.length - end} bytes more`)
  return lines.join('\n')
}
