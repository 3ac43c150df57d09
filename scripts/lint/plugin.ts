/** A node of the syntax tree, as far as the rules here look at it. */
interface Node {
  readonly type: string
  readonly async?: boolean
  readonly [key: string]: unknown
}

interface Context {
  report(problem: { node: Node; message: string }): void
}

const synchronousMessage =
  'A core file is synchronous: return what must happen as data, and let the driver do it.'

/** Core files are synchronous; the other half of their purity is a matter of ready-made rules (`.oxlintrc.json`). */
const synchronous = {
  create(context: Context): Record<string, (node: Node) => void> {
    const report = (node: Node): void => context.report({ node, message: synchronousMessage })
    const reportAsync = (node: Node): void => {
      if (node.async === true) report(node)
    }
    return {
      AwaitExpression: report,
      ForOfStatement: (node) => {
        if (node['await'] === true) report(node)
      },
      FunctionDeclaration: reportAsync,
      FunctionExpression: reportAsync,
      ArrowFunctionExpression: reportAsync,
      ImportExpression: report,
    }
  },
}

/** What applications and platforms hand over: whether it ever answers is not ours to say. */
const outsiders = /^#?(store|transport|locks?|database|cipher|quotaProvider|hooks?|libp2p|peerStore)$/i

const limitedWaitMessage =
  'Whoever is asked here may never answer: await withinLimit(…) of @reliable-channels/stage instead.'

/** A wait for somebody else's promise has a limit. */
const limitedWait = {
  create(context: Context): Record<string, (node: Node) => void> {
    const look = (node: Node, awaited: unknown): void => {
      if (asksOutsider(awaited)) context.report({ node, message: limitedWaitMessage })
    }
    return {
      AwaitExpression: (node) => look(node, node['argument']),
      ForOfStatement: (node) => {
        if (node['await'] === true) look(node, node['right'])
      },
    }
  },
}

/** Whether an expression is the promise that a method of an outsider returned, also with `.catch(…)` behind it. */
function asksOutsider(expression: unknown): boolean {
  const { type, callee, object, expression: inner } = (expression ?? {}) as Node
  if (type === 'ChainExpression') return asksOutsider(inner)
  if (type === 'MemberExpression') return isOutsider(object) || asksOutsider(object)
  return type === 'CallExpression' && asksOutsider(callee)
}

/** `store`, `this.#store`, `node.store`. */
function isOutsider(expression: unknown): boolean {
  const { type, name, property } = (expression ?? {}) as Node
  if (type === 'MemberExpression') return isOutsider(property)
  return (type === 'Identifier' || type === 'PrivateIdentifier') && outsiders.test(String(name))
}

const ownedMessage =
  'A field of the state is written by the part that owns it alone: call a method of that part.'

/** The state of a machine is read-only outside the parts that it is made of. */
const owned = {
  create(context: Context): Record<string, (node: Node) => void> {
    const lookAt = (side: 'left' | 'argument') => (node: Node) => {
      if ((node[side] as Node).type === 'MemberExpression') context.report({ node, message: ownedMessage })
    }
    return {
      AssignmentExpression: lookAt('left'),
      UpdateExpression: lookAt('argument'),
      TSInterfaceBody: ({ body }) => {
        for (const node of body as readonly Node[]) {
          if (node.type !== 'TSPropertySignature' || node['readonly'] === true) continue
          context.report({ node, message: ownedMessage })
        }
      },
    }
  },
}

/** What a part keeps, nobody else can write. */
const privateFields = {
  create(context: Context): Record<string, (node: Node) => void> {
    return {
      PropertyDefinition: (node) => {
        if ((node['key'] as Node).type === 'PrivateIdentifier' || node['readonly'] === true) return
        context.report({ node, message: 'A field of a part is #private, or read-only.' })
      },
    }
  },
}

/** The project's own rules for oxlint. */
const plugin = {
  meta: { name: 'reliable-channels' },
  rules: { synchronous, 'limited-wait': limitedWait, owned, 'private-fields': privateFields },
}

// The linter loads a plugin by its default export.
export default plugin
