/**
 * Runs the steps of a Containerfile in clean roots of Debian, without a container engine: a base by debootstrap stands for the
 * image, chroot for the container. Knows only the instructions that our Containerfile uses, and fails at any other.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export type Image = {
  root: string;
  env: Record<string, string>;
  workdir: string;
  user: string;
  volumes: string[];
  entrypoint: string[];
  healthcheck: string[];
};

type Step = { instruction: string; text: string };
type Recipe = { context: string; file: string; folder: string; args: Record<string, string> };

/** Behind a proxy that encrypts anew, programs need its certificate, where no package of Debian replaces it. */
const certificate = process.env.NODE_EXTRA_CA_CERTS;
const placeOfCertificate = '/etc/turnover-test-ca.crt';

/** The steps, with lines that end in `\` joined. */
export function readSteps(text: string): Step[] {
  return text
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [instruction = '', ...rest] = line.trim().split(/\s+/);
      return { instruction, text: rest.join(' ') };
    });
}

/** Builds all stages and returns the last one. */
export function buildImage({ context, file, folder, args }: Recipe): Image {
  const stages = new Map<string, Image>();
  let image: Image | undefined;
  for (const step of readSteps(readFileSync(file, 'utf8'))) {
    if (step.instruction === 'FROM') {
      image = beginStage(step.text, folder, stages);
      continue;
    }
    if (!image) throw new Error('The file does not begin with FROM.');
    apply(image, step, { context, args, stages });
  }
  return image!;
}

function beginStage(text: string, folder: string, stages: Map<string, Image>): Image {
  const [, suite = '', name = `stage-${stages.size}`] = /^debian:(\w+)-slim(?: AS (\w+))?$/.exec(text) ?? [];
  const base = join(folder, `base-${suite}`);
  if (!existsSync(base)) run('debootstrap', ['--variant=minbase', suite, base]);
  const root = join(folder, name);
  run('cp', ['-a', base, root]);
  if (certificate) run('cp', ['-L', certificate, join(root, placeOfCertificate)]);
  const image = {
    root,
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
    workdir: '/',
    user: '0:0',
    volumes: [],
    entrypoint: [],
    healthcheck: [],
  };
  stages.set(name, image);
  return image;
}

type Building = { context: string; args: Record<string, string>; stages: Map<string, Image> };

function apply(image: Image, { instruction, text }: Step, building: Building): void {
  switch (instruction) {
    case 'ARG': {
      const [, name = '', value = ''] = /^(\w+)="?([^"]*)"?$/.exec(text) ?? [];
      image.env[name] = building.args[name] ?? value;
      return;
    }
    case 'ENV':
      for (const pair of text.split(' ')) {
        const [name = '', value = ''] = pair.split('=');
        image.env[name] = value;
      }
      return;
    case 'WORKDIR':
      image.workdir = text;
      mkdirSync(join(image.root, text), { recursive: true });
      return;
    case 'COPY':
      return copy(image, text, building);
    case 'RUN':
      return runStep(image, text);
    case 'USER':
      image.user = text;
      return;
    case 'VOLUME':
      image.volumes.push(...text.split(' '));
      return;
    case 'HEALTHCHECK':
      image.healthcheck = JSON.parse(text.slice(text.indexOf('['))) as string[];
      return;
    case 'ENTRYPOINT':
      image.entrypoint = JSON.parse(text) as string[];
      return;
    case 'EXPOSE':
      return;
    default:
      throw new Error(`The test does not know ${instruction}.`);
  }
}

function copy(image: Image, text: string, { context, stages }: Building): void {
  const [, stage, from = '', to = ''] = /^(?:--from=(\w+) )?(\S+) (\S+)$/.exec(text) ?? [];
  const target = join(image.root, to);
  if (stage) {
    run('cp', ['-a', join(stages.get(stage)!.root, from), target]);
    return;
  }
  const ignored = ignoredPaths(context);
  const source = resolve(context, from);
  cpSync(source, target, { recursive: true, filter: (path) => !ignored(path.slice(source.length + 1)) });
}

/** The patterns of our `.dockerignore`: a name anywhere, or a path from the top. */
function ignoredPaths(context: string): (path: string) => boolean {
  const patterns = readFileSync(join(context, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  return (path) =>
    patterns.some((pattern) =>
      pattern.startsWith('**/')
        ? path.split('/').includes(pattern.slice(3))
        : path === pattern || path.startsWith(`${pattern}/`),
    );
}

/** The name service and the processes are those of the machine. */
const whileBuilding = ['/etc/resolv.conf', '/etc/hosts'];

function runStep(image: Image, command: string): void {
  for (const file of whileBuilding) provideFile(image.root, file);
  const script = `mount -t proc proc ${image.root}/proc && mount --rbind /dev ${image.root}/dev && exec chroot ${image.root} env PATH=${image.env.PATH} sh -c "$COMMAND"`;
  run('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script], {
    ...withCertificate(image.env),
    COMMAND: `cd ${image.workdir} && ${command}`,
    DEBIAN_FRONTEND: 'noninteractive',
    HOME: '/root',
  });
}

function provideFile(root: string, file: string): void {
  if (!existsSync(file)) return;
  mkdirSync(join(root, dirname(file)), { recursive: true });
  run('cp', ['-L', file, join(root, file)]);
}

function withCertificate(env: Record<string, string>): Record<string, string> {
  // npm of Debian does not read the variable of Node.
  return certificate
    ? { ...env, NODE_EXTRA_CA_CERTS: placeOfCertificate, npm_config_cafile: placeOfCertificate }
    : env;
}

export type Container = {
  process: ChildProcess;
  /** Runs a command in the running container. */
  exec(command: string[]): { status: number | null; output: string };
};

/**
 * Starts the image as compose.yml does: as its user without capabilities, with a root that cannot be written, an empty /tmp, and a
 * folder for each volume.
 */
export function startContainer(image: Image, volumes: string, env: Record<string, string>): Container {
  const { root } = image;
  const mounts = [
    `mount --bind ${root} ${root}`,
    ...image.volumes.map((path) => `mkdir -p ${volumes}${path} && cp -a ${root}${path}/. ${volumes}${path}`),
    ...image.volumes.map(
      (path) =>
        `chown --reference=${root}${path} ${volumes}${path} && chmod --reference=${root}${path} ${volumes}${path}`,
    ),
    ...image.volumes.map((path) => `mount --bind ${volumes}${path} ${root}${path}`),
    `mount -t tmpfs tmpfs ${root}/tmp`,
    `mount -t proc proc ${root}/proc`,
    `mount --rbind /dev ${root}/dev`,
    `mount -o remount,bind,ro ${root}`,
  ];
  const [uid = '', gid = ''] = image.user.split(':');
  const drop = `setpriv --reuid=${uid} --regid=${gid} --clear-groups --bounding-set=-all --no-new-privs`;
  const enter = `exec chroot ${root} env PATH=${image.env.PATH} sh -c 'cd ${image.workdir} && exec ${drop} "$@"' sh`;
  const script = `${mounts.join(' && ')} && ${enter} "$@"`;
  const all = { ...image.env, ...env };
  const child = spawn(
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', ...image.entrypoint],
    { env: { ...all, PATH: process.env.PATH }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  return {
    process: child,
    exec(command) {
      const { status, stdout, stderr } = spawnSync(
        'nsenter',
        ['--mount', `--target=${child.pid}`, 'sh', '-c', `${enter} "$@"`, 'sh', ...command],
        { env: { ...all, PATH: process.env.PATH }, encoding: 'utf8' },
      );
      return { status, output: stdout + stderr };
    },
  };
}

function run(
  program: string,
  args: string[],
  env: Record<string, string> | NodeJS.ProcessEnv = process.env,
): void {
  const { status, stdout, stderr } = spawnSync(program, args, {
    env: { ...env, PATH: process.env.PATH },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status === 0) return;
  throw new Error(`${program} ${args.join(' ')} ended with ${status}:\n${`${stdout}${stderr}`.slice(-4000)}`);
}
