print("fairtat-dist")
