/**
 * The request types that every new project starts with: the usual deliveries of the trade, with name patterns as
 * studios publish them for their partners. They become rows of the project, which can change them.
 */
import type { z } from 'zod';
import { requestRulesSchema, type RequestRules } from './request-types.ts';

export type StarterType = { name: string; description: string; rules: RequestRules };

const title = '{title:words}';
const version = '{version:version}';
const sound = '{rate:digits(2-3)}k_{bits:digits(2)}b';
const frameRate = '{frame rate:23976|24|25|2997|30}';
const channel = '[.{channel:L|R|C|LFE|Ls|Rs}]';
const layout = '{layout:mono|2ch|6ch}';

const soundMedia = { codecs: ['PCM'], sampleRates: ['48 kHz', '96 kHz'], bitDepths: ['24 bit'] };
const mixMedia = { ...soundMedia, channelLayouts: ['5.1 as six files', 'stereo', 'mono'] };
const softNames = ['name_pattern', 'empty_file', 'hidden_file'] as const;

export const starterTypes: readonly StarterType[] = [
  starter('Music cues', 'One file or one set of channels for each cue, as the composer delivers them.', {
    mediaKinds: ['audio'],
    extensions: ['wav', 'aif'],
    namePattern: `{composer:letters(2-4)}_{song:word}_{asset:MASTER|STEM}[_{stem:letters}]_${sound}_${layout}[_{channel:mono|L|R|C|LFE|LS|RS|LT|RT}]_{version:words}.{format:wav|aif}`,
    media: soundMedia,
    strictNames: true,
    overridable: [...softNames],
  }),
  starter('Mix stems', 'Dialogue, music and effects of the final mix, each as discrete channels.', {
    mediaKinds: ['audio'],
    extensions: ['wav'],
    namePattern: `${title}_${version}_{asset:FXStem|MXStem|DIAStem|FFFXStem}[_{field:Nearfield|Theatrical}]_${layout}_${sound}_${frameRate}${channel}.wav`,
    expected: { kind: 'count', min: 3 },
    media: mixMedia,
    strictNames: true,
    demandsManifest: true,
    overridable: [...softNames, 'too_few_files'],
  }),
  starter('Print master', 'The finished mix: 5.1 as six discrete files, with its stereo version.', {
    mediaKinds: ['audio'],
    extensions: ['wav'],
    namePattern: `${title}_${version}_PM[_{field:Nearfield|Theatrical}]_${layout}_${sound}_${frameRate}${channel}.wav`,
    expected: {
      kind: 'list',
      files: ['L', 'R', 'C', 'LFE', 'Ls', 'Rs'].map((name) => ({
        name: `{name:any}.${name}.wav`,
        optional: false,
      })),
    },
    media: mixMedia,
    strictNames: true,
    overridable: [...softNames, 'unexpected_file'],
  }),
  starter('M&E', 'Music and effects without dialogue, filled, for dubbing into other languages.', {
    mediaKinds: ['audio', 'picture'],
    extensions: ['wav', 'mov'],
    namePattern: `${title}_${version}_{asset:ME|OPT|OPTA|OPTB|OPTC|GUIDE|REF}[_{field:Nearfield|Theatrical}]_${layout}_${sound}_${frameRate}${channel}.{format:wav|mov}`,
    media: mixMedia,
    strictNames: true,
    overridable: [...softNames],
  }),
  starter(
    'IMF package',
    'A complete Interoperable Master Package: ASSETMAP, PKL, CPL and their track files.',
    {
      extensions: ['mxf', 'xml'],
      expected: {
        kind: 'list',
        files: [
          { name: 'ASSETMAP[.xml]', optional: false },
          { name: '[{before:any}]PKL[{after:any}].xml', optional: false },
          { name: '[{before:any}]CPL[{after:any}].xml', optional: false },
          { name: '{track:any}.mxf', optional: false },
          { name: 'VOLINDEX[.xml]', optional: true },
          { name: '[{before:any}]OPL[{after:any}].xml', optional: true },
        ],
      },
      media: { codecs: ['JPEG 2000'], resolutions: ['3840×2160', '1920×1080'] },
      strictNames: true,
      overridable: ['extension', 'unexpected_file', 'hidden_file'],
    },
  ),
  starter('ProRes master', 'The finished picture with its mix, one QuickTime file.', {
    mediaKinds: ['picture', 'locked_cut'],
    extensions: ['mov'],
    namePattern: `${title}_${version}_{codec:422HQ|4444|4444XQ}_{resolution:HD|UHD|4K}_${frameRate}[_{language:letters(2-5)}].mov`,
    expected: { kind: 'count', min: 1, max: 1 },
    media: { codecs: ['ProRes 422 HQ', 'ProRes 4444 XQ'], resolutions: ['1920×1080', '3840×2160'] },
    strictNames: true,
    automaticSubmit: true,
    overridable: [...softNames],
  }),
  starter('DPX/EXR sequence', 'Numbered frames without a gap, with a list of their checksums.', {
    mediaKinds: ['frame'],
    extensions: ['dpx', 'exr', 'tif', 'tiff'],
    namePattern: '{stem:words}[_{kind:nam|gam|vdm|dcdm}].{frame:digits(4-8)}.{format:dpx|exr|tif|tiff}',
    expected: { kind: 'count', min: 2 },
    media: { bitDepths: ['10 bit', '16 bit'], resolutions: ['3840×2160', '4096×2160'] },
    strictNames: true,
    demandsManifest: true,
    completeSequences: true,
    overridable: ['name_pattern', 'hidden_file'],
  }),
  starter('Subtitles', 'Timed text, one file for each language.', {
    mediaKinds: ['timed_text'],
    extensions: ['ttml', 'xml', 'itt', 'dfxp', 'srt', 'vtt', 'stl', 'scc'],
    namePattern: `${title}_[${version}_]{language:letters(2-3)}[-{region:word}]_{kind:SUB|SDH|FN|CC|DUB}.{format:ttml|xml|itt|dfxp|srt|vtt|stl|scc}`,
    expected: { kind: 'count', min: 1 },
    strictNames: true,
    overridable: [...softNames],
  }),
  starter('VFX shot', 'A shot as it is handed over: frames, or a movie to look at.', {
    mediaKinds: ['frame', 'picture', 'locked_cut'],
    extensions: ['exr', 'dpx', 'mov', 'mxf'],
    namePattern:
      '{show:letters(2-5)}_[{episode:digits(3)}_][{sequence:letters(2-4)}_][{scene:digits(3)}_]{shot:digits(3-4)}[_{task:letters}[_{vendor:letters(3)}]]_{version:version(3-4)}[.{frame:digits(4-8)}].{format:exr|dpx|mov|mxf}',
    completeSequences: true,
    strictNames: true,
    overridable: ['name_pattern', 'sequence_gap', 'hidden_file'],
  }),
  starter('Locked cut', 'The locked cut with its list, for everybody who works to it.', {
    mediaKinds: ['picture', 'locked_cut', 'document', 'other'],
    extensions: ['mov', 'mxf', 'mp4', 'edl', 'aaf', 'xml', 'fcpxml', 'pdf'],
    namePattern: `${title}_{cut:locked|preview|rough|directors|producers}_${version}[_{more:words}].{format:mov|mxf|mp4|edl|aaf|xml|fcpxml|pdf}`,
    expected: {
      kind: 'list',
      files: [
        { name: '{picture:any}.{format:mov|mxf|mp4}', optional: false },
        { name: '{list:any}.{format:edl|aaf|xml|fcpxml}', optional: false },
        { name: '{notes:any}.pdf', optional: true },
      ],
    },
    overridable: [...softNames, 'media_kind', 'unexpected_file'],
  }),
  starter('Artwork', 'Key art and stills, layered where they are worked on further.', {
    mediaKinds: ['image', 'frame', 'document'],
    extensions: ['psd', 'psb', 'tif', 'tiff', 'png', 'jpg', 'jpeg', 'ai', 'svg', 'pdf'],
    namePattern: `${title}_{use:keyart|poster|still|logo|banner}[_{size:word}][_{language:letters(2-5)}]_${version}.{format:psd|psb|tif|tiff|png|jpg|jpeg|ai|svg|pdf}`,
    overridable: [...softNames],
  }),
  starter('Documents', 'Scripts, cue sheets, lists and licences.', {
    mediaKinds: ['document'],
    extensions: ['pdf', 'doc', 'docx', 'xls', 'xlsx', 'csv', 'txt', 'rtf'],
    overridable: ['extension', 'media_kind', 'empty_file', 'hidden_file'],
  }),
];

function starter(name: string, description: string, rules: z.input<typeof requestRulesSchema>): StarterType {
  return { name, description, rules: requestRulesSchema.parse(rules) };
}
