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
const outsiders = /^#?(store|transport|locks?|database|cipher|quotaProvider|hooks?)$/i

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

/** The project's own rules for oxlint. */
const plugin = {
  meta: { name: 'reliable-channels' },
  rules: { synchronous, 'limited-wait': limitedWait },
}

// The linter loads a plugin by its default export.
export default plugin
