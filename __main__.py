import pulumi
import pulumi_aws as aws
p = aws.Provider("aws", region="us-east-1", default_tags={"tags": {"owner": "me"}})
o = pulumi.ResourceOptions(provider=p)
b = aws.s3.Bucket("data", force_destroy=True, tags={"a": "b"}, opts=o)
aws.s3.BucketVersioning("v", bucket=b.bucket, versioning_configuration={"status": "Enabled"}, opts=o)
pulumi.export("x", b.arn)
