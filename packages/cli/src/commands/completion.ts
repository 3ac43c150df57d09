import { Argument, type Command } from 'commander'
import type { CommandContext } from '../command-context.ts'
import { bashScript } from '../completion/bash-script.ts'
import { completionSpec } from '../completion/completion-spec.ts'
import { fishScript } from '../completion/fish-script.ts'
import { zshScript } from '../completion/zsh-script.ts'

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript }

const EXAMPLES = `
  source <(rc completion bash)                                          in ~/.bashrc
  source <(rc completion zsh)                                           in ~/.zshrc, after compinit
  rc completion fish > ~/.config/fish/completions/rc.fish`

/** `rc completion <shell>` */
export function addCompletion(program: Command, { host }: CommandContext): void {
  program
    .command('completion')
    .description('print the script with which a shell completes commands, options and files')
    .addArgument(new Argument('<shell>', 'your shell').choices(Object.keys(SCRIPTS)))
    .addHelpText('after', EXAMPLES)
    .action((shell: keyof typeof SCRIPTS) => {
      host.stdout.write(SCRIPTS[shell](program.name(), completionSpec(program)))
    })
}
