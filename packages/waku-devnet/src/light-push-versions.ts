import { proto_lightpush } from '@waku/proto'

import type { LightPushVersion, ParsedPush } from './light-push.ts'
import { BAD_WIRE_TYPE, messageFault, missingField } from './message.ts'
import { lastBytes, splitFields, type FieldType } from './wire.ts'

const V3_FIELDS: Readonly<Record<number, FieldType>> = { 1: 'bytes', 20: 'bytes', 21: 'bytes' }
const V2_FIELDS: Readonly<Record<number, FieldType>> = { 1: 'bytes', 2: 'bytes', 3: 'bytes' }
const V2_REQUEST_FIELDS: Readonly<Record<number, FieldType>> = { 1: 'bytes', 2: 'bytes' }

/** 19/WAKU2-LIGHTPUSH, v3. */
export const V3: LightPushVersion = {
  protocol: '/vac/waku/lightpush/3.0.0',
  encode: (requestId, outcome) => proto_lightpush.LightPushResponseV3.encode({ requestId, ...outcome }),
  parse: (request) => {
    const fields = splitFields(request, V3_FIELDS)
    if (fields === undefined) return { fault: BAD_WIRE_TYPE }
    return parsed(lastBytes(fields, 21), () => proto_lightpush.LightPushRequestV3.decode(request))
  },
}

/** Light push v2, whose reply is success or failure and a text. */
export const V2: LightPushVersion = {
  protocol: '/vac/waku/lightpush/2.0.0-beta1',
  encode: (requestId, { statusCode, statusDesc = '' }) => {
    const isSuccess = statusCode === 200
    const info = isSuccess ? 'OK' : statusCode === 505 ? 'not_published_to_any_peer' : statusDesc
    return proto_lightpush.PushRpc.encode({ requestId, response: { isSuccess, info } })
  },
  parse: (rpc) => {
    const outer = splitFields(rpc, V2_FIELDS)
    if (outer === undefined) return { fault: BAD_WIRE_TYPE }
    const request = lastBytes(outer, 2)
    if (request === undefined) return { fault: missingField('request') }
    const fields = splitFields(request, V2_REQUEST_FIELDS)
    if (fields === undefined) return { fault: BAD_WIRE_TYPE }
    return parsed(lastBytes(fields, 2), () => ({
      ...proto_lightpush.PushRequest.decode(request),
      requestId: proto_lightpush.PushRpc.decode(rpc).requestId,
    }))
  },
}

function parsed(
  encodedMessage: Uint8Array | undefined,
  decode: () => proto_lightpush.LightPushRequestV3,
): ParsedPush {
  const fault = encodedMessage === undefined ? missingField('message') : messageFault(encodedMessage)
  if (fault !== undefined) return { fault }
  try {
    const { requestId, pubsubTopic, message } = decode()
    return message === undefined ? { fault: missingField('message') } : { requestId, pubsubTopic, message }
  } catch {
    return { fault: BAD_WIRE_TYPE }
  }
}
