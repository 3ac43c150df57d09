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

/** The project's own rules for oxlint. */
const plugin = { meta: { name: 'reliable-channels' }, rules: { synchronous } }

// The linter loads a plugin by its default export.
export default plugin
