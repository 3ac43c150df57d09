import { readFields } from './fields.ts'

/** How a service node answered. */
export interface Status {
  readonly code: number
  readonly text: string
}

/** Reads the status of a light push or filter reply, which have the same fields; `undefined` when malformed. */
export function decodeStatus(bytes: Uint8Array): Status | undefined {
  let code: number | undefined
  let description = ''
  const wellFormed = readFields(bytes, (field, value) => {
    if (field === 10) code = value.uint32()
    else if (field === 11) description = value.text()
    else return false
    return true
  })
  return wellFormed && code !== undefined ? { code, text: description } : undefined
}

/** Whether a status says that the request was carried out. */
export function isSuccess({ code }: Status): boolean {
  return code >= 200 && code < 300
}
