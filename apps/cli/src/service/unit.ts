/** The systemd unit of the hub. Pure. `systemd-analyze security` rates it; docs/self-hosting.md says how to change it. */

export type Place = {
  /** The folder of the sources. */
  sources: string;
  dataFolder: string;
  /** The account that the hub runs as. */
  user: string;
  port: number;
  /** TURNOVER_SETTINGS, when it names another file than turnover.env. */
  settingsFile: string | undefined;
  /** TURNOVER_STATE, when it is set. */
  stateFolder: string | undefined;
  /** TURNOVER_BACKUPS, when it is set. */
  backupsFolder: string | undefined;
};

export const unitName = 'turnover.service';

/** Directories that a service cannot see unless something of it lies there. */
const homes = ['/home/', '/root/', '/run/user/'];

export function unitText(place: Place): string {
  const { sources, dataFolder, user, settingsFile, stateFolder, backupsFolder } = place;
  return `# Written by: npm run turnover -- service install
# Change it with: systemctl edit ${unitName}
[Unit]
Description=Turnover, the delivery hub
Documentation=file://${sources}/docs/self-hosting.md
After=network.target
RequiresMountsFor=${dataFolder}

[Service]
Type=notify
# systemd-notify sends the messages of the supervisor.
NotifyAccess=all
ExecStart=${sources}/node_modules/.bin/node ${sources}/scripts/serve.mjs
WorkingDirectory=${sources}
User=${user}
StateDirectory=turnover
CacheDirectory=turnover
Environment=NODE_COMPILE_CACHE=/var/cache/turnover
${settingsFile ? `Environment=TURNOVER_SETTINGS=${settingsFile}\n` : ''}${stateFolder ? '' : 'Environment=TURNOVER_STATE=/var/lib/turnover\n'}ReadWritePaths=${writtenPaths(dataFolder, stateFolder, backupsFolder)}
UMask=0077

# A migration of a large database takes its time. A hub that hangs for a minute is started anew.
TimeoutStartSec=infinity
TimeoutStopSec=15
WatchdogSec=60
Restart=on-failure
RestartSec=5
# 78: the settings or the data folder need a person first.
RestartPreventExitStatus=78
KillMode=mixed
LimitNOFILE=65536

NoNewPrivileges=yes
${capabilities(place)}
ProtectSystem=strict
ProtectHome=${homes.some((home) => [sources, dataFolder].some((path) => path.startsWith(home))) ? 'read-only' : 'yes'}
PrivateTmp=yes
PrivateDevices=yes
DevicePolicy=closed
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`;
}

/** The hub starts without the folder for backups, because its disk may be missing. */
function writtenPaths(dataFolder: string, stateFolder?: string, backupsFolder?: string): string {
  return [dataFolder, stateFolder, backupsFolder && `-${backupsFolder}`].filter(Boolean).join(' ');
}

/** A port below 1024 needs one capability, which a user namespace would take away. */
function capabilities({ port }: Place): string {
  if (port > 0 && port < 1024) {
    return 'AmbientCapabilities=CAP_NET_BIND_SERVICE\nCapabilityBoundingSet=CAP_NET_BIND_SERVICE';
  }
  return 'CapabilityBoundingSet=\nPrivateUsers=yes';
}
