/**
 * Previews the render farm and prints what `pulumi preview --json` prints.
 *
 *     node preview.js FOLDER REGION
 */
import { LocalWorkspace, PulumiCommand } from "@pulumi/pulumi/automation";

import { renderFarm } from "./farm";

/** What the Automation API starts the engine with; its types leave it out. */
interface Runner {
    run(args: string[], ...rest: unknown[]): Promise<unknown>;
}

async function main(folder: string, region: string): Promise<void> {
    const pulumiCommand = (await PulumiCommand.get()) as PulumiCommand & Runner;
    const run = pulumiCommand.run.bind(pulumiCommand);
    // The Automation API asks for no JSON by itself.
    pulumiCommand.run = (args, ...rest) =>
        run(args[0] === "preview" ? [...args, "--json", "--show-sames"] : args, ...rest);
    const stack = await LocalWorkspace.createOrSelectStack(
        { stackName: "prod", projectName: "render-farm", program: renderFarm },
        { workDir: folder, projectSettings: { name: "render-farm", runtime: "nodejs" }, pulumiCommand },
    );
    await stack.setConfig("aws:region", { value: region });
    await stack.setConfig("licence", { value: "Licence-Not-Real-7", secret: true });
    const done = await stack.preview({ color: "never" });
    console.log(done.stdout);
}

const [folder, region] = process.argv.slice(2);
main(folder, region).catch((error) => {
    console.error(String(error));
    process.exitCode = 1;
});
