import { type DescMessage, create, createFileRegistry, fromBinary, toBinary } from '@bufbuild/protobuf'
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FileDescriptorProtoSchema,
} from '@bufbuild/protobuf/wkt'
import type { Dialect, SdsMessage } from '../src/core.ts'

/** The fields of both dialects as their specifications give them; `?` marks an optional, `*` a repeated field. */
const FIELDS: Record<Dialect | 'entry', string> = {
  entry: 'string message_id = 1; bytes? retrieval_hint = 2; string? sender_id = 3',
  lip: `string sender_id = 1; string message_id = 2; string channel_id = 3; uint64? lamport_timestamp = 10;
    entry* causal_history = 11; bytes? bloom_filter = 12; entry* repair_request = 13; bytes? content = 20`,
  nim: `string? message_id = 1; uint64? lamport_timestamp = 2; entry* causal_history = 3; string? channel_id = 4;
    bytes? content = 5; bytes? bloom_filter = 6; string sender_id = 7; entry* repair_request = 13`,
}

const TYPES: Record<string, FieldDescriptorProto_Type> = {
  string: FieldDescriptorProto_Type.STRING,
  bytes: FieldDescriptorProto_Type.BYTES,
  uint64: FieldDescriptorProto_Type.UINT64,
  entry: FieldDescriptorProto_Type.MESSAGE,
}

function descriptorOf(name: string, fields: string) {
  const parsed = fields.split(';').map((field) => /^\s*(\w+)([?*]?) (\w+) = (\d+)\s*$/.exec(field)!.slice(1))
  const optional = parsed.filter(([, mark]) => mark === '?').map(([, , fieldName]) => fieldName!)
  return {
    name,
    field: parsed.map(([type, mark, fieldName, number]) => ({
      name: fieldName!,
      number: Number(number),
      type: TYPES[type!]!,
      label: mark === '*' ? FieldDescriptorProto_Label.REPEATED : FieldDescriptorProto_Label.OPTIONAL,
      ...(type === 'entry' && { typeName: '.test.entry' }),
      ...(mark === '?' && { proto3Optional: true, oneofIndex: optional.indexOf(fieldName!) }),
    })),
    oneofDecl: optional.map((fieldName) => ({ name: `_${fieldName}` })),
  }
}

const registry = createFileRegistry(
  create(FileDescriptorProtoSchema, {
    name: 'test.proto',
    package: 'test',
    syntax: 'proto3',
    messageType: Object.entries(FIELDS).map(([name, fields]) => descriptorOf(name, fields)),
  }),
  () => undefined,
)

const schemaOf = (name: string): DescMessage => registry.getMessage(`test.${name}`)!

/** Encodes with protobuf-es what {@link encodeMessage} encodes by hand. */
export function oracleEncode(message: SdsMessage, dialect: Dialect): Uint8Array {
  const {
    lamport,
    causalHistory,
    repairRequest,
    retrievalHint: _,
    ...rest
  } = message as SdsMessage & {
    retrievalHint?: never
  }
  const entries = (list: SdsMessage['causalHistory']): object[] =>
    list.map((entry) =>
      create(schemaOf('entry'), Object.fromEntries(Object.entries(entry).filter(([, v]) => v !== undefined))),
    )
  const fields = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
  return toBinary(
    schemaOf(dialect),
    create(schemaOf(dialect), {
      ...fields,
      ...(lamport !== undefined && { lamportTimestamp: BigInt(lamport) }),
      causalHistory: entries(causalHistory),
      repairRequest: entries(repairRequest),
    }),
  )
}

/** Decodes with protobuf-es; throws for bytes that are no message. */
export function oracleDecode(bytes: Uint8Array, dialect: Dialect): Record<string, unknown> {
  return { ...fromBinary(schemaOf(dialect), bytes) }
}
