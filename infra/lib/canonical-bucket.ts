import { Duration, RemovalPolicy } from "aws-cdk-lib";
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  type IBucket,
} from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";

import type { Settings } from "./settings.ts";

/** The bucket of canonical objects, which tells EventBridge of each object that lands; or the one that is there already. */
export function canonicalBucket(scope: Construct, settings: Settings): IBucket {
  if (settings.canonicalBucket !== undefined) {
    return Bucket.fromBucketName(scope, "CanonicalBucket", settings.canonicalBucket);
  }
  const bucket = new Bucket(scope, "CanonicalBucket", {
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    versioned: true,
    removalPolicy: RemovalPolicy.RETAIN,
    lifecycleRules: [
      {
        // Objects are immutable: an older version is what somebody wrote over by mistake.
        noncurrentVersionExpiration: Duration.days(30),
        abortIncompleteMultipartUploadAfter: Duration.days(2),
      },
    ],
  });
  // The construct's own switch brings a function along that may change the notifications of every bucket.
  (bucket.node.defaultChild as CfnBucket).notificationConfiguration = {
    eventBridgeConfiguration: { eventBridgeEnabled: true },
  };
  return bucket;
}
