import { createHash } from 'node:crypto'
import { type IncomingMessage, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A version of a package as somebody published it. */
export interface PublishedVersion {
  /** Its `package.json`, as the registry shows it. */
  readonly manifest: Readonly<Record<string, unknown>>
  readonly access: string
  readonly tags: readonly string[]
  /** Whether the tarball is the one that the manifest tells the hash of. */
  readonly isIntact: boolean
}

/** A registry that takes whatever is published to it, and forgets it with the process. */
export interface LocalRegistry {
  readonly url: string
  /** What was published, by `name@version`. */
  readonly published: ReadonlyMap<string, PublishedVersion>
  close(): Promise<void>
}

/** What is put to publish: one version, with its tarball. */
interface Document {
  readonly name: string
  readonly access: string
  readonly 'dist-tags': Readonly<Record<string, string>>
  readonly versions: Readonly<Record<string, { readonly dist?: { readonly integrity?: string } }>>
  readonly _attachments: Readonly<Record<string, { readonly data: string }>>
}

/** Starts a registry on this machine, to publish to without publishing. */
export async function startLocalRegistry(): Promise<LocalRegistry> {
  const published = new Map<string, PublishedVersion>()
  const documents = new Map<string, Document>()
  const server = createServer((request, response) => {
    const name = decodeURIComponent(request.url ?? '').slice(1)
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    if (request.method !== 'PUT') {
      const known = documents.get(name)
      if (known === undefined) answer(404, { error: 'not found' })
      else answer(200, { name, 'dist-tags': known['dist-tags'], versions: known.versions })
      return
    }
    void bodyOf(request).then((body) => {
      const document = JSON.parse(body) as Document
      documents.set(name, document)
      for (const [version, manifest] of Object.entries(document.versions)) {
        published.set(`${name}@${version}`, {
          manifest: { ...manifest },
          access: document.access,
          tags: Object.keys(document['dist-tags']),
          isIntact: Object.values(document._attachments).some(
            ({ data }) => integrityOf(Buffer.from(data, 'base64')) === manifest.dist?.integrity,
          ),
        })
      }
      answer(201, { ok: true })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    published,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString()
}

const integrityOf = (bytes: Uint8Array): string =>
  `sha512-${createHash('sha512').update(bytes).digest('base64')}`
