import { WireReader, readFields } from '@reliable-channels/wire'

/** How a service node answered. */
export interface Status {
  readonly code: number
  readonly text: string
}

/** Field numbers × 8 + wire types of the status in a reply. */
export const STATUS_TAG = { code: 80, text: 90 } as const

/** Reads the status of a light push or filter reply, which have the same fields; `undefined` when malformed. */
export function decodeStatus(bytes: Uint8Array): Status | undefined {
  let code: number | undefined
  let description = ''
  const reader = new WireReader(bytes)
  const wellFormed = readFields(reader, (tag) => {
    if (tag === STATUS_TAG.code) code = reader.uint32()
    else if (tag === STATUS_TAG.text) description = reader.text()
    else return false
    return true
  })
  return wellFormed && code !== undefined ? { code, text: description } : undefined
}

/** Whether a status says that the request was carried out. */
export function isSuccess({ code }: Status): boolean {
  return code >= 200 && code < 300
}
